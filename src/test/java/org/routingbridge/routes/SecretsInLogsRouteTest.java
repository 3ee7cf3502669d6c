package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;

/** What stands in the log where an operator has asked for all of it, by the logging that the bridge ships. */
class SecretsInLogsRouteTest {

    @Test
    void noSecretIsLoggedWhereAllLoggersAreAtDebug() throws Exception {
        // Given
        List<String> logged = new CopyOnWriteArrayList<>();
        AbstractAppender appender = new AbstractAppender("all", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                logged.add(event.getLoggerName() + " " + event.getMessage().getFormattedMessage());
            }
        };
        appender.start();
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        Configuration before = context.getConfiguration();
        context.setConfigLocation(getClass().getResource("/log4j2.xml").toURI());
        Configuration shipped = context.getConfiguration();
        shipped.getRootLogger().getAppenders().keySet().forEach(shipped.getRootLogger()::removeAppender);
        shipped.getRootLogger().addAppender(appender, Level.ALL, null);
        Configurator.setRootLevel(Level.DEBUG);

        // When
        try (BridgeUnderTest bridge = new BridgeUnderTest().withRegistration()
                .with("bridge.datalake.authorization", "Bearer token-of-the-lake").start()) {
            assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
            await().until(() -> !bridge.dataLake().requests().isEmpty());
            await().until(() -> bridge.cxone().requests().size() > 1);

            // Then
            assertThat(logged).isNotEmpty();
            assertThat(logged).noneMatch(line -> line.contains(BridgeUnderTest.SECRET));
            assertThat(logged).noneMatch(line -> line.contains(bridge.cxone().clientSecret()));
            assertThat(logged).noneMatch(line -> line.contains("token-of-the-lake"));
            assertThat(logged).noneMatch(line -> line.contains("Bearer "));
        } finally {
            context.setConfiguration(before);
        }
    }
}
