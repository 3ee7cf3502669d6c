package org.routingbridge.routes;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ThreadsDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.model.language.RefExpression;
import org.apache.camel.support.EndpointHelper;
import org.routingbridge.settings.Slips;

/**
 * Looks in Camel's model of the routes for what would only show when an event comes: a route configuration that there
 * is not, a {@code direct:} that nobody consumes, a bean or a method of one that there is not (contract, section 1).
 * Where a component, an option or a property is unknown Camel says so itself when it makes the routes.
 */
final class RoutesCheck {

    private static final String DIRECT = "direct:";
    private static final String WITHOUT_CONSUMER = "failIfNoConsumers=false";

    private final CamelContext context;
    private final Model model;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> consumed = new TreeSet<>();
    private final Set<String> configurations = new TreeSet<>();

    RoutesCheck(CamelContext context) {
        this.context = context;
        model = context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** A line for each problem; none where all is well. */
    List<String> problems() {
        model.getRouteDefinitions().forEach(route -> directName(route.getInput(), route.getInput().getEndpointUri())
                .ifPresent(consumed::add));
        model.getRouteConfigurationDefinitions().forEach(configuration -> configurations.add(configuration.getId()));
        model.getRouteDefinitions().forEach(this::check);
        model.getRouteConfigurationDefinitions().forEach(this::check);
        return problems;
    }

    /** The step that Camel could not make, or else where the route begins; null where there is no such route. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static NamedNode culprit(CamelContext context, FailedToCreateRouteException failure) {
        RouteDefinition route = context.getCamelContextExtension().getContextPlugin(Model.class)
                .getRouteDefinition(failure.getRouteId());
        if (route == null) {
            return null;
        }
        Collection<ProcessorDefinition> steps = ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(),
                ProcessorDefinition.class);
        return steps.stream().filter(step -> failure.getMessage().contains(">>> " + step + " <<<"))
                .map(NamedNode.class::cast).findFirst().orElse(route.getInput());
    }

    private void check(RouteDefinition route) {
        if (route.getRouteConfigurationId() != null) {
            for (String id : route.getRouteConfigurationId().split(",")) {
                if (configurations.stream().noneMatch(known -> EndpointHelper.matchEndpoint(context, known, id))) {
                    report(route, "there is no route configuration " + id, id, configurations);
                }
            }
        }
        checkSteps(route.getOutputs());
    }

    private void check(RouteConfigurationDefinition configuration) {
        for (OnExceptionDefinition policy : configuration.getOnExceptions()) {
            if (policy.getOnWhen() != null) {
                check(policy, policy.getOnWhen().getExpression());
            }
            if (policy.getRetryWhile() != null) {
                check(policy, policy.getRetryWhile().getExpressionType());
            }
            if (policy.getHandled() != null) {
                check(policy, policy.getHandled().getExpressionType());
            }
            checkSteps(policy.getOutputs());
        }
        configuration.getOnCompletions().forEach(completion -> checkSteps(completion.getOutputs()));
        configuration.getIntercepts().forEach(intercept -> checkSteps(intercept.getOutputs()));
        configuration.getInterceptFroms().forEach(intercept -> checkSteps(intercept.getOutputs()));
        configuration.getInterceptSendTos().forEach(intercept -> checkSteps(intercept.getOutputs()));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void checkSteps(List<ProcessorDefinition<?>> outputs) {
        Collection<ProcessorDefinition> steps = ProcessorDefinitionHelper.filterTypeInOutputs(outputs,
                ProcessorDefinition.class);
        steps.forEach(this::checkStep);
    }

    private void checkStep(ProcessorDefinition<?> step) {
        if (step instanceof BeanDefinition bean && bean.getRef() != null) {
            checkMethod(step, bean.getRef(), bean.getMethod());
        } else if (step instanceof ProcessDefinition process && process.getRef() != null) {
            bean(step, process.getRef());
        } else if (step instanceof ToDefinition to) {
            checkConsumer(step, to.getEndpointUri());
        } else if (step instanceof WireTapDefinition<?> tap) {
            checkConsumer(step, tap.getUri());
            checkReference(step, tap.getExecutorService());
        } else if (step instanceof ThreadsDefinition threads) {
            checkReference(step, threads.getExecutorService());
        } else if (step instanceof IdempotentConsumerDefinition once) {
            checkReference(step, once.getIdempotentRepository());
        } else if (step instanceof CatchDefinition caught && caught.getOnWhen() != null) {
            check(step, caught.getOnWhen().getExpression());
        }
        if (step instanceof ExpressionNode node) {
            check(step, node.getExpression());
        }
        if (step instanceof ChoiceDefinition choice) {
            choice.getWhenClauses().forEach(when -> check(when, when.getExpression()));
        }
    }

    private void check(NamedNode step, ExpressionDefinition expression) {
        if (expression instanceof MethodCallExpression call && call.getRef() != null) {
            checkMethod(step, call.getRef(), call.getMethod());
        } else if (expression instanceof RefExpression reference) {
            checkReference(step, reference.getExpression());
        }
    }

    private void checkReference(NamedNode step, String name) {
        if (name != null) {
            bean(step, name);
        }
    }

    private Optional<Object> bean(NamedNode step, String reference) {
        String name = resolved(step, reference).replaceFirst("^#(bean:)?", "");
        if (name.startsWith("#") || name.startsWith("class:")) {
            return Optional.empty();
        }
        Object bean = context.getRegistry().lookupByName(name);
        if (bean == null) {
            report(step, "there is no bean " + name, name, context.getRegistry().findByTypeWithName(Object.class)
                    .keySet());
        }
        return Optional.ofNullable(bean);
    }

    private void checkMethod(NamedNode step, String reference, String call) {
        Optional<Object> bean = bean(step, reference);
        if (bean.isEmpty() || call == null) {
            return;
        }
        String method = resolved(step, call).replaceFirst("\\(.*", "").trim();
        Set<String> known = Arrays.stream(bean.get().getClass().getMethods())
                .filter(each -> each.getDeclaringClass() != Object.class).map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        if (!known.contains(method)) {
            report(step, "the bean " + reference + " has no method " + method, method, known);
        }
    }

    private void checkConsumer(NamedNode step, String uri) {
        directName(step, uri).filter(name -> !consumed.contains(name) && !uri.contains(WITHOUT_CONSUMER))
                .ifPresent(name -> report(step, "no route consumes " + DIRECT + name, name, consumed));
    }

    /** Of a direct endpoint that is named where the route is written; none where only an event says which it is. */
    private Optional<String> directName(NamedNode node, String uri) {
        if (uri == null || uri.contains("${")) {
            return Optional.empty();
        }
        String whole = resolved(node, uri);
        return whole.startsWith(DIRECT)
                ? Optional.of(whole.substring(DIRECT.length()).replaceFirst("^//", "").replaceFirst("\\?.*", ""))
                : Optional.empty();
    }

    private String resolved(NamedNode node, String text) {
        try {
            return context.resolvePropertyPlaceholders(text);
        } catch (IllegalArgumentException e) {
            problems.add(place(node) + e.getMessage());
            return "";
        }
    }

    private void report(NamedNode node, String what, String name, Collection<String> known) {
        problems.add(place(node) + what + nearest(name, known));
    }

    /** Where it is: file, line, route or step, as far as it is known. */
    static String place(NamedNode node) {
        String file = node.getLocation() == null ? "" : node.getLocation().replaceFirst("^file:", "")
                + (node.getLineNumber() > 0 ? ":" + node.getLineNumber() : "") + ": ";
        return file + (node instanceof RouteDefinition ? "route " : "step ") + node.getId() + ": ";
    }

    private static String nearest(String name, Collection<String> known) {
        return known.stream().filter(each -> Slips.between(name, each) <= Math.max(1, name.length() / 4))
                .min((one, other) -> Slips.between(name, one) - Slips.between(name, other))
                .map(each -> "; did you mean " + each + "?").orElse("");
    }
}
