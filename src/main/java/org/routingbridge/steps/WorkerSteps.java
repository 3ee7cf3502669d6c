package org.routingbridge.steps;

import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

import io.vertx.core.Context;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Ordered;
import org.apache.camel.Processor;
import org.apache.camel.builder.ThreadPoolProfileBuilder;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.DelayDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ScriptDefinition;
import org.apache.camel.model.ThrottleDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the threads free that many events share, the webhook's event loops above all: a step that is not known not to
 * wait, such as a call of somebody else's service, goes on on a worker where it was about to run on one of them. Each
 * is named in the log the first time. Steps that are known not to wait are left as they are.
 */
public final class WorkerSteps extends ContextAddition implements InterceptStrategy, Ordered {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerSteps.class);
    /** Components whose producers answer at once, or from a thread of their own. */
    private static final Set<String> NEVER_WAITING = Set.of("direct", "log", "mock", "json-validator", "outbox");
    /** Those whose producers wait for an answer, or for room, unless told otherwise. */
    private static final Set<String> QUEUES = Set.of("seda", "stub");
    /** The route that the senders' own threads are for. */
    private static final String SENDERS_ROUTE = "put-events";
    /**
     * The names of threads that go on with whatever event is next, whose waiting would be everybody's: Camel's pools by
     * what stands behind the dash, ours, and those of the JVM on which time runs out.
     */
    private static final Pattern SHARED_THREADS = Pattern.compile(".* - (put-events|after-commit|after-failure|outbox"
            + "|reorder-window|large-events|reply-budget|ErrorHandlerRedeliveryTask)"
            + "|(after-commit|after-claim|claims|confirmations|seen-events|store-|CompletableFuture"
            + "|ForkJoinPool.common).*");
    private static final String OURS = "org.routingbridge.";
    /** As many requests as the bridge takes at once by default may each be at such a step. */
    private static final int MOST_WORKERS = 1024;

    private ExecutorService workers;

    @Override
    protected void addTo(CamelContext context) {
        context.getCamelContextExtension().addInterceptStrategy(this);
    }

    /** Around all other interceptors, which then run on the worker too. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST;
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode step, Processor target,
                                                 Processor next) {
        return mayWait(step) ? new OnWorker(step.getId(), target) : target;
    }

    private boolean mayWait(NamedNode step) {
        if (step instanceof WireTapDefinition<?> || SENDERS_ROUTE.equals(ProcessorDefinitionHelper.getRouteId(step))) {
            return false;
        }
        if (step instanceof EndpointRequiredDefinition endpoint) {
            return endpoint.getEndpointUri() == null
                    || mayWait(getCamelContext().resolvePropertyPlaceholders(endpoint.getEndpointUri()));
        }
        if (step instanceof IdempotentConsumerDefinition once) {
            return !isOurs(once.getIdempotentRepository());
        }
        if (step instanceof ThrottleDefinition throttle) {
            return !"true".equals(throttle.getAsyncDelayed());
        }
        if (step instanceof DelayDefinition delay) {
            return "false".equals(delay.getAsyncDelayed());
        }
        if (step instanceof BeanDefinition bean) {
            return bean.getRef() == null || !isOurs(bean.getRef());
        }
        if (step instanceof ProcessDefinition process) {
            return process.getRef() == null || !isOurs(process.getRef());
        }
        return step instanceof EnrichDefinition || step instanceof PollEnrichDefinition
                || step instanceof RecipientListDefinition<?> || step instanceof RoutingSlipDefinition<?>
                || step instanceof DynamicRouterDefinition<?> || step instanceof ScriptDefinition
                || step instanceof ExpressionNode node && mayWait(node)
                || step instanceof ChoiceDefinition choice && choice.getWhenClauses().stream().anyMatch(this::mayWait);
    }

    private static boolean mayWait(String uri) {
        String component = uri.replaceFirst("[:?].*", "");
        return QUEUES.contains(component)
                ? !uri.contains("waitForTaskToComplete=Never") || uri.contains("blockWhenFull=true")
                : !NEVER_WAITING.contains(component);
    }

    private boolean mayWait(ExpressionNode node) {
        return node.getExpression() instanceof MethodCallExpression call
                && (call.getRef() == null || !isOurs(call.getRef()));
    }

    private boolean isOurs(String reference) {
        Object bean = getCamelContext().getRegistry().lookupByName(reference.replaceFirst("^#(bean:)?", ""));
        return bean != null && bean.getClass().getName().startsWith(OURS);
    }

    private synchronized ExecutorService workers() {
        if (workers == null) {
            workers = getCamelContext().getExecutorServiceManager().newThreadPool(this, "worker",
                    new ThreadPoolProfileBuilder("worker").poolSize(1).maxPoolSize(MOST_WORKERS).maxQueueSize(0)
                            .rejectedPolicy(ThreadPoolRejectedPolicy.Abort).build());
        }
        return workers;
    }

    private static boolean isShared(Thread thread) {
        return Context.isOnEventLoopThread() || SHARED_THREADS.matcher(thread.getName()).matches();
    }

    private final class OnWorker extends DelegateAsyncProcessor {

        private final String id;
        private final AtomicBoolean told = new AtomicBoolean();

        OnWorker(String id, Processor target) {
            super(target);
            this.id = id;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            if (!isShared(Thread.currentThread())) {
                return super.process(exchange, callback);
            }
            if (!told.getAndSet(true)) {
                LOG.info("Step {} may wait; it runs on a worker, so that other senders do not wait for it", id);
            }
            try {
                workers().execute(() -> onWorker(exchange, callback));
                return false;
            } catch (RejectedExecutionException e) {
                exchange.setException(e);
                callback.done(true);
                return true;
            }
        }

        private void onWorker(Exchange exchange, AsyncCallback callback) {
            try {
                super.process(exchange, doneSync -> callback.done(false));
            } catch (RuntimeException e) {
                exchange.setException(e);
                callback.done(false);
            }
        }
    }
}
