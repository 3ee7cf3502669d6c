package org.routingbridge.routes;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.model.ThreadsDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.ValidateDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.model.language.RefExpression;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.support.EndpointHelper;

/**
 * Looks in Camel's model of the routes for what would only show when an event comes: a route configuration that there
 * is not, a {@code direct:} that nobody consumes, a bean or a method of one that there is not (contract, section 1), an
 * id that is there twice. What Camel says itself when it makes the routes is looked for where a {@link Catalog} is
 * given: endpoints and their options, expressions, exceptions.
 */
final class RoutesCheck {

    private static final String DIRECT = "direct:";
    /** The configuration of all routes that name none. */
    private static final String DEFAULT = "*";
    private static final String NOT_HEARD = " is not heard, since the default in the route configuration * holds for"
            + " every route that names none; put it into a routeConfiguration with an id, and name that in the route";
    private static final String WITHOUT_CONSUMER = "failIfNoConsumers=false";

    private final CamelContext context;
    private final Registered registered;
    private final Catalog catalog;
    private final Collection<RouteDefinition> routes;
    private final Collection<RouteConfigurationDefinition> configurations;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> consumed = new TreeSet<>();
    private final Set<String> configurationIds = new TreeSet<>();
    private boolean ofPolicies;
    private final Map<String, NamedNode> named = new HashMap<>();
    private final Set<NamedNode> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Of what a context is about to start, or has started. */
    RoutesCheck(CamelContext context) {
        this(context, Registered.in(context), null, model(context).getRouteDefinitions(),
                model(context).getRouteConfigurationDefinitions());
    }

    /** @param catalog null where Camel itself makes the routes afterwards */
    RoutesCheck(CamelContext context, Registered registered, Catalog catalog, Collection<RouteDefinition> routes,
                Collection<RouteConfigurationDefinition> configurations) {
        this.context = context;
        this.registered = registered;
        this.catalog = catalog;
        this.routes = routes;
        this.configurations = configurations;
    }

    private static Model model(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** What is there beside, and is known by name alone. */
    RoutesCheck beside(CamelContext running) {
        model(running).getRouteDefinitions().forEach(route -> directName(route.getInput(),
                route.getInput().getEndpointUri()).ifPresent(consumed::add));
        model(running).getRouteConfigurationDefinitions().stream().map(RouteConfigurationDefinition::getId)
                .filter(Objects::nonNull).forEach(configurationIds::add);
        return this;
    }

    /** None where all is well. */
    List<Finding> findings() {
        routes.forEach(route -> directName(route.getInput(), route.getInput().getEndpointUri())
                .ifPresent(consumed::add));
        configurations.stream().map(RouteConfigurationDefinition::getId).filter(Objects::nonNull)
                .forEach(configurationIds::add);
        if (configurationIds.contains(DEFAULT)) {
            checkForUnheardPolicies();
        }
        routes.forEach(this::check);
        ofPolicies = true;
        configurations.forEach(this::check);
        return findings;
    }

    /** Camel takes the default before what stands in the route's own file, and says nothing. */
    private void checkForUnheardPolicies() {
        if (context.getCamelContextExtension().getErrorHandlerFactory() != null) {
            findings.add(Finding.error("", 0, "", "an errorHandler of a file's own" + NOT_HEARD));
        }
        Stream.concat(routes.stream().filter(route -> route.getRouteConfigurationId() == null)
                        .flatMap(route -> route.getOutputs().stream()).filter(OnExceptionDefinition.class::isInstance),
                configurations.stream().filter(policies -> policies.getId() == null)
                        .flatMap(policies -> policies.getOnExceptions().stream()))
                .map(policy -> Finding.about(policy, Finding.Kind.ERROR, "an onException of a file's own" + NOT_HEARD))
                .distinct().forEach(findings::add);
    }

    /** The step that Camel could not make, or else where the route begins; null where there is no such route. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static NamedNode culprit(CamelContext context, FailedToCreateRouteException failure) {
        RouteDefinition route = model(context).getRouteDefinition(failure.getRouteId());
        if (route == null) {
            return null;
        }
        Collection<ProcessorDefinition> steps = ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(),
                ProcessorDefinition.class);
        return steps.stream().filter(step -> failure.getMessage().contains(">>> " + step + " <<<"))
                .map(NamedNode.class::cast).findFirst().orElse(route.getInput());
    }

    private void check(RouteDefinition route) {
        checkId(route);
        checkId(route.getInput());
        if (route.getRouteConfigurationId() != null) {
            for (String id : route.getRouteConfigurationId().split(",")) {
                if (configurationIds.stream().noneMatch(known -> EndpointHelper.matchEndpoint(context, known, id))) {
                    report(route, "there is no route configuration " + id, id, configurationIds);
                }
            }
        }
        checkEndpoint(route.getInput(), route.getInput().getEndpointUri(), true);
        checkSteps(route.getOutputs());
    }

    private void check(RouteConfigurationDefinition configuration) {
        for (OnExceptionDefinition policy : configuration.getOnExceptions()) {
            checkId(policy);
            checkExceptions(policy, policy.getExceptions());
            checkReference(policy, policy.getRedeliveryPolicyRef());
            checkReference(policy, policy.getOnRedeliveryRef());
            if (policy.getOnWhen() != null) {
                check(policy, policy.getOnWhen().getExpression(), true);
            }
            if (policy.getRetryWhile() != null) {
                check(policy, policy.getRetryWhile().getExpressionType(), true);
            }
            if (policy.getHandled() != null) {
                check(policy, policy.getHandled().getExpressionType(), true);
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
        checkId(step);
        if (step instanceof BeanDefinition bean && bean.getRef() != null) {
            checkMethod(step, bean.getRef(), bean.getMethod());
        } else if (step instanceof ProcessDefinition process && process.getRef() != null) {
            bean(step, process.getRef());
        } else if (step instanceof ToDefinition to) {
            checkConsumer(step, to.getEndpointUri());
            checkEndpoint(step, to.getEndpointUri(), false);
        } else if (step instanceof ToDynamicDefinition to) {
            checkConsumer(step, to.getUri());
            checkEndpoint(step, to.getUri(), false);
            if (step instanceof WireTapDefinition<?> tap) {
                checkReference(step, tap.getExecutorService());
                checkReference(step, tap.getOnPrepare());
            }
        } else if (step instanceof ThreadsDefinition threads) {
            checkReference(step, threads.getExecutorService());
        } else if (step instanceof IdempotentConsumerDefinition once) {
            checkReference(step, once.getIdempotentRepository());
        } else if (step instanceof MulticastDefinition multicast) {
            checkReference(step, multicast.getExecutorService());
        } else if (step instanceof SplitDefinition split) {
            checkReference(step, split.getExecutorService());
        } else if (step instanceof CatchDefinition caught) {
            checkExceptions(step, caught.getExceptions());
            if (caught.getOnWhen() != null) {
                check(step, caught.getOnWhen().getExpression(), true);
            }
        } else if (step instanceof LogDefinition log && log.getMessage() != null) {
            check(step, new SimpleExpression(log.getMessage()), false);
        }
        if (step instanceof ExpressionNode node) {
            check(step, node.getExpression(), step instanceof FilterDefinition || step instanceof ValidateDefinition);
        }
        if (step instanceof ChoiceDefinition choice) {
            choice.getWhenClauses().stream().filter(when -> !seen.contains(when)).forEach(when -> {
                checkId(when);
                check(when, when.getExpression(), true);
            });
        }
    }

    /** To Camel an id is one of a kind over all routes; one that was left out it makes up, another one each time. */
    private void checkId(OptionalIdentifiedDefinition<?> node) {
        if (!seen.add(node)) {
            return;
        }
        if (node.getId() == null || !node.hasCustomIdAssigned()) {
            if (node instanceof RouteDefinition || node instanceof ProcessorDefinition<?>) {
                findings.add(Finding.about(node, Finding.Kind.REMARK, "has no id of its own, by which the log and the"
                        + " next finding could name it"));
            }
            return;
        }
        if (catalog == null && ofPolicies) {
            // after a reload Camel's model has the former policies beside the new ones
            return;
        }
        NamedNode other = named.putIfAbsent(node.getId(), node);
        if (other != null) {
            findings.add(Finding.about(node, Finding.Kind.ERROR, "the id is taken by another one, in "
                    + Finding.fileOf(other.getLocation()) + ":" + other.getLineNumber()));
        }
    }

    private void checkEndpoint(NamedNode step, String uri, boolean consumer) {
        if (catalog != null && uri != null && !uri.contains("${")) {
            String whole = resolvedUri(uri);
            catalog.endpoint(whole, consumer, registered).forEach(what -> report(step, what));
            catalog.parameters(whole).forEach(what -> findings.add(Finding.about(step, Finding.Kind.REMARK, what)));
            catalog.references(whole).forEach(reference -> checkReference(step, reference));
        }
    }

    private void checkExceptions(NamedNode step, List<String> exceptions) {
        if (catalog != null) {
            exceptions.stream().map(name -> resolved(step, name))
                    .filter(name -> !name.isEmpty() && context.getClassResolver().resolveClass(name) == null)
                    .forEach(name -> report(step, "there is no exception " + name));
        }
    }

    private void check(NamedNode step, ExpressionDefinition expression, boolean predicate) {
        if (expression instanceof MethodCallExpression call && call.getRef() != null) {
            checkMethod(step, call.getRef(), call.getMethod());
        } else if (expression instanceof RefExpression reference) {
            checkReference(step, reference.getExpression());
        } else if (catalog != null && expression != null && expression.getExpression() != null) {
            catalog.expression(expression.getLanguage(), resolved(step, expression.getExpression()), predicate)
                    .ifPresent(what -> report(step, what));
        }
    }

    private void checkReference(NamedNode step, String name) {
        if (name != null) {
            bean(step, name);
        }
    }

    private Optional<Class<?>> bean(NamedNode step, String reference) {
        String name = resolved(step, reference).replaceFirst("^#(bean:)?", "");
        if (name.isEmpty() || name.startsWith("#") || name.startsWith("class:") || name.startsWith("type:")
                || name.startsWith("property:") || name.startsWith("valueAs(")) {
            return Optional.empty();
        }
        Class<?> type = registered.typeOf(name);
        if (type == null) {
            report(step, "there is no bean " + name, name, registered.beans());
        }
        return Optional.ofNullable(type);
    }

    private void checkMethod(NamedNode step, String reference, String call) {
        Optional<Class<?>> bean = bean(step, reference);
        if (bean.isEmpty() || bean.get() == Object.class || call == null) {
            return;
        }
        String method = resolved(step, call).replaceFirst("\\(.*", "").trim();
        Set<String> known = methodsOf(bean.get());
        if (!known.contains(method)) {
            report(step, "the bean " + reference + " has no method " + method, method, known);
        }
    }

    static Set<String> methodsOf(Class<?> bean) {
        return Arrays.stream(bean.getMethods()).filter(each -> each.getDeclaringClass() != Object.class)
                .map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
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

    /** Empty where a property is missing, which with a catalog is found where it is written. */
    private String resolved(NamedNode node, String text) {
        try {
            return context.resolvePropertyPlaceholders(text);
        } catch (IllegalArgumentException e) {
            if (catalog == null) {
                report(node, e.getMessage());
            }
            return "";
        }
    }

    private String resolvedUri(String uri) {
        try {
            return EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, uri);
        } catch (ResolveEndpointFailedException e) {
            return "";
        }
    }

    private void report(NamedNode node, String what) {
        Finding finding = Finding.about(node, Finding.Kind.ERROR, what);
        if (!findings.contains(finding)) {
            findings.add(finding);
        }
    }

    private void report(NamedNode node, String what, String name, Collection<String> known) {
        report(node, what + Finding.nearest(name, known));
    }
}
