package org.routingbridge.steps;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.BeanScope;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Header;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.bean.BeanProcessor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DirectBeanStepsTest {

    private final CamelContext context = new DefaultCamelContext();

    /** What the steps call. */
    public static final class Words {

        private String heard;

        public String twice(String word) {
            return word + word;
        }

        public void hear(String word) {
            heard = word;
        }

        public Object nothing(String word) {
            return null;
        }

        public void mark(Exchange exchange) {
            exchange.setProperty("marked", true);
        }

        @SuppressWarnings("DoNotCallSuggester") // a step calls it
        public String refuse(String word) {
            throw new IllegalStateException(word);
        }

        public String greet(@Header("name") String name) {
            return "hello " + name;
        }

        public String either(String word) {
            return "text";
        }

        public String either(Integer number) {
            return "number";
        }
    }

    private final Words words = new Words();

    @BeforeEach
    void start() {
        context.getRegistry().bind("words", words);
        new DirectBeanSteps().setCamelContext(context);
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private Exchange through(String method, ExchangePattern pattern, Object body) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:" + method).errorHandler(noErrorHandler()).bean(words, method).setProperty("after",
                        constant(true));
            }
        });
        Exchange exchange = new DefaultExchange(context, pattern);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader("name", "you");
        return context.createProducerTemplate().send("direct:" + method, exchange);
    }

    private Processor step(String method) throws Exception {
        return PluginHelper.getBeanProcessorFactory(context).createBeanProcessor(context, null, null, null, "words",
                method, BeanScope.Singleton);
    }

    @ParameterizedTest
    @EnumSource(names = {"InOnly", "InOut"})
    void whatTheMethodReturnsIsTheNewBody(ExchangePattern pattern) throws Exception {
        // When
        Exchange exchange = through("twice", pattern, "ha");

        // Then
        assertThat(exchange.getMessage().getBody()).isEqualTo("haha");
        assertThat(exchange.getMessage().getHeader("name")).isEqualTo("you");
        assertThat(step("twice")).isInstanceOf(DirectBeanStep.class);
    }

    @Test
    void aMethodThatReturnsNothingLeavesTheBody() throws Exception {
        // When
        Exchange exchange = through("hear", ExchangePattern.InOut, "psst");

        // Then
        assertThat(words.heard).isEqualTo("psst");
        assertThat(exchange.getMessage().getBody()).isEqualTo("psst");
    }

    @Test
    void aMethodThatReturnsNullEmptiesTheBody() throws Exception {
        // When
        Exchange exchange = through("nothing", ExchangePattern.InOut, "word");

        // Then
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @Test
    void aMethodOfTheExchangeGetsIt() throws Exception {
        // When
        Exchange exchange = through("mark", ExchangePattern.InOut, "word");

        // Then
        assertThat(exchange.getProperty("marked")).isEqualTo(true);
        assertThat(exchange.getMessage().getBody()).isEqualTo("word");
    }

    @Test
    void whatTheMethodThrowsIsTheExchangesAndEndsTheRoute() throws Exception {
        // When
        Exchange exchange = through("refuse", ExchangePattern.InOut, "no");

        // Then
        assertThat(exchange.getException()).isInstanceOf(IllegalStateException.class).hasMessage("no").hasNoCause();
        assertThat(exchange.getProperty("after")).isNull();
    }

    @Test
    void aBodyOfAnotherTypeIsConvertedAsEver() throws Exception {
        // When
        Exchange exchange = through("twice", ExchangePattern.InOut, 7);

        // Then
        assertThat(exchange.getMessage().getBody()).isEqualTo("77");
    }

    @Test
    void argumentsThatAreNotTheBodyAreCamelsMatter() throws Exception {
        // When
        Exchange exchange = through("greet", ExchangePattern.InOut, "word");

        // Then
        assertThat(exchange.getMessage().getBody()).isEqualTo("hello you");
        assertThat(step("greet")).isExactlyInstanceOf(BeanProcessor.class);
    }

    @Test
    void whichOfSeveralMethodsIsMeantIsCamelsMatter() throws Exception {
        // When
        Exchange exchange = through("either", ExchangePattern.InOut, 7);

        // Then
        assertThat(exchange.getMessage().getBody()).isEqualTo("number");
    }
}
