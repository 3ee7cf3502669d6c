package org.routingbridge.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/** Writes down what each step of the routes is given, and on which thread, while a test asks for it. */
final class StepRecorder implements InterceptStrategy {

    /** Part of a thread's name, and the word for such a thread. */
    private static final Map<String, String> THREADS = Map.of(
            "vert.x-eventloop-thread", "event loop",
            "put-events", "put-events",
            "after-failure", "after-failure",
            "after-commit", "after-commit",
            "data-lake", "data lake",
            "large-events", "large-events",
            "outbox", "outbox");

    private List<RecordedStep> recorded;

    /** From here on steps are written down; what was written before is forgotten. */
    synchronized void start() {
        recorded = new ArrayList<>();
    }

    /** The steps that were begun, in that order; each that was begun again in the same way is there once. */
    synchronized List<RecordedStep> stop() {
        List<RecordedStep> steps = recorded.stream().distinct().toList();
        recorded = null;
        return steps;
    }

    synchronized boolean hasSeen(String step) {
        return recorded.stream().anyMatch(recordedStep -> recordedStep.step().equals(step));
    }

    private synchronized void write(RecordedStep step) {
        if (recorded != null) {
            recorded.add(step);
        }
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode step, Processor target,
                                                 Processor next) {
        String place = place(step);
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                write(new RecordedStep(place, step.getId(), thread(Thread.currentThread().getName()),
                        body(exchange.getMessage().getBody()), variables(exchange)));
                return super.process(exchange, callback);
            }
        };
    }

    /** The route, or the policy for failure, in which a step stands. */
    private static String place(NamedNode step) {
        for (ProcessorDefinition<?> node = (ProcessorDefinition<?>) step; node != null; node = node.getParent()) {
            if (node instanceof OnExceptionDefinition policy) {
                return policy.getId();
            }
        }
        return ProcessorDefinitionHelper.getRouteId(step);
    }

    private static String thread(String name) {
        return THREADS.entrySet().stream().filter(thread -> name.contains(thread.getKey()))
                .map(Map.Entry::getValue).sorted().findFirst().orElse(name);
    }

    private static String body(Object body) {
        return body == null ? "none" : body.getClass().getSimpleName();
    }

    private static String variables(Exchange exchange) {
        String names = String.join(", ", new TreeSet<>(exchange.getVariables().keySet()));
        return names.isEmpty() ? "none" : names;
    }

    /**
     * What a step was given.
     *
     * @param place     id of its route or of its policy for failure
     * @param step      its id
     * @param thread    the kind of thread that it ran on; the thread's name where that is no known kind
     * @param body      simple name of the body's type
     * @param variables names of the exchange's variables, sorted
     */
    record RecordedStep(String place, String step, String thread, String body, String variables) {
    }
}
