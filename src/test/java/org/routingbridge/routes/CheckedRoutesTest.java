package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.DefaultRoutesLoader;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckedRoutesTest {

    private static final String GREETING = """
            - route:
                id: greet
                from:
                  uri: direct:greet
                  steps:
                    - setBody:
                        id: say
                        constant: GREETING
            """;
    private static final String FAULTY = GREETING.replace("constant: GREETING", "simple: \"{{no.such.property}}\"");

    @TempDir
    Path directory;

    private final CamelContext context = new DefaultCamelContext();
    private Runnable onceLoaded = () -> { };
    private Path file;

    @BeforeEach
    void start() throws Exception {
        file = directory.resolve("greet.camel.yaml");
        save(GREETING.replace("GREETING", "hello"));
        DefaultRoutesLoader stock = new DefaultRoutesLoader(context) {
            @Override
            public Set<String> updateRoutes(Collection<Resource> resources) throws Exception {
                Set<String> updated = super.updateRoutes(resources);
                onceLoaded.run();
                return updated;
            }
        };
        context.getCamelContextExtension().addContextPlugin(RoutesLoader.class, stock);
        stock.loadRoutes(List.of(saved()));
        new CheckedRoutes().setCamelContext(context);
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void aMistakeTakesNoRouteAway() {
        // When
        save(FAULTY);

        // Then
        assertThatThrownBy(this::reload).hasMessageContaining("no.such.property");
        assertThat(greeting()).isEqualTo("hello");
    }

    @Test
    void aFileSavedAgainWhileItIsLoadedIsNotTakenForGood() throws Exception {
        // Given
        onceLoaded = () -> save(FAULTY);
        save(GREETING.replace("GREETING", "good day"));
        reload();
        onceLoaded = () -> { };
        assertThat(greeting()).isEqualTo("good day");

        // When
        assertThatThrownBy(this::reload).hasMessageContaining("no.such.property");

        // Then
        assertThat(greeting()).isEqualTo("good day");
    }

    /** Editors empty a file before they write it, and a look may fall between the two. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\n  \n", "# greets\n"})
    void aFileInWhichNothingIsLeftTakesNoRouteAway(String text) {
        // When
        save(text);

        // Then
        assertThatThrownBy(this::reload).hasMessageContaining("greet.camel.yaml");
        assertThat(greeting()).isEqualTo("hello");
    }

    private void reload() throws Exception {
        PluginHelper.getRoutesLoader(context).updateRoutes(List.of(saved()));
    }

    private Resource saved() {
        return PluginHelper.getResourceLoader(context).resolveResource("file:" + file);
    }

    private void save(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String greeting() {
        return context.createProducerTemplate().requestBody("direct:greet", null, String.class);
    }
}
