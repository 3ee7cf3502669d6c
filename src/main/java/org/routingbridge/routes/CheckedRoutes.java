package org.routingbridge.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.VetoCamelContextStartException;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesBuilderLoader;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a context start only with routes in which nothing is wrong that would show when an event comes, and reloads a
 * saved route file only so. Camel takes the old routes away before it makes the new ones, so that a mistake would leave
 * none; here they come back, and what is wrong is told as at a start.
 */
public final class CheckedRoutes extends LifecycleStrategySupport implements RoutesLoader, CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(CheckedRoutes.class);

    private final Map<String, byte[]> lastGood = new HashMap<>();
    private CamelContext camelContext;
    private RoutesLoader stock;
    private List<Finding> remarks = List.of();

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        if (camelContext == null) {
            camelContext = context;
            context.addLifecycleStrategy(this);
        }
    }

    @Override
    public void onContextInitializing(CamelContext context) throws VetoCamelContextStartException {
        checkAll();
    }

    private void checkAll() throws FaultyRoutes {
        List<Finding> findings = new RoutesCheck(camelContext).findings();
        refuse(findings);
        remarks = findings;
    }

    private void refuse(List<Finding> findings) throws FaultyRoutes {
        List<String> problems = Finding.errors(findings);
        if (!problems.isEmpty()) {
            throw new FaultyRoutes(problems, camelContext);
        }
    }

    /** One line for all of them, since a start is to be read. */
    private void logRemarks() {
        if (!remarks.isEmpty()) {
            LOG.warn("Remarks on the routes, which the verb check lists number={} first=\"{}\"", remarks.size(),
                    remarks.get(0));
        }
    }

    /** From now on what is loaded is loaded again: this takes the place of Camel's own loader. */
    @Override
    public void onContextStarted(CamelContext context) {
        logRemarks();
        stock = PluginHelper.getRoutesLoader(context);
        context.getCamelContextExtension().addContextPlugin(RoutesLoader.class, this);
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        Map<String, Resource> files = new HashMap<>();
        Stream.concat(model.getRouteDefinitions().stream().map(RouteDefinition::getResource),
                        model.getRouteConfigurationDefinitions().stream()
                                .map(RouteConfigurationDefinition::getResource))
                .filter(Objects::nonNull).forEach(resource -> files.put(resource.getLocation(), resource));
        files.values().forEach(this::remember);
    }

    private void remember(Resource resource) {
        if ("file".equals(resource.getScheme()) && resource.exists()) {
            try {
                lastGood.put(resource.getLocation(), textOf(resource));
            } catch (IOException e) {
                LOG.warn("A route file cannot be read again; a mistake in it would take its routes away file={}"
                        + " reason={}", resource.getLocation(), e.getMessage());
            }
        }
    }

    private static byte[] textOf(Resource resource) throws IOException {
        try (InputStream text = resource.getInputStream()) {
            return text.readAllBytes();
        }
    }

    /** A file is read once, since it may be saved again while its routes are made: what is good is what was loaded. */
    @Override
    public Set<String> updateRoutes(Collection<Resource> resources) throws Exception {
        Map<String, byte[]> saved = new HashMap<>();
        for (Resource resource : resources) {
            saved.put(resource.getLocation(), textOf(resource));
        }
        checkAsWritten(saved);
        try {
            Set<String> updated = stock.updateRoutes(withText(saved));
            checkAll();
            lastGood.putAll(saved);
            return updated;
        } catch (Exception e) {
            Exception told = told(e);
            goBack(saved.keySet());
            throw told;
        }
    }

    /** While the old routes go on, since what is found in the files as they are written is never made. */
    private void checkAsWritten(Map<String, byte[]> saved) throws FaultyRoutes {
        Map<String, byte[]> all = new TreeMap<>(lastGood);
        all.putAll(saved);
        Map<String, String> texts = new LinkedHashMap<>();
        all.forEach((location, text) -> texts.put(location, new String(text, StandardCharsets.UTF_8)));
        PropertiesComponent properties = camelContext.getPropertiesComponent();
        refuse(new ProjectCheck(texts, name -> properties.resolveProperty(name).orElse(null),
                properties.loadProperties().stringPropertyNames(), Registered.in(camelContext))
                .beside(camelContext).findings());
    }

    /** Camel loads none at a reload that it has not loaded at the start. */
    private void goBack(Set<String> locations) throws Exception {
        Map<String, byte[]> before = new HashMap<>(lastGood);
        before.keySet().retainAll(locations);
        stock.updateRoutes(withText(before));
    }

    private static List<Resource> withText(Map<String, byte[]> texts) {
        return texts.entrySet().stream().map(text -> ResourceHelper.fromBytes(text.getKey(), text.getValue()))
                .toList();
    }

    /** What the check finds in the new routes, since it knows more than Camel says; else what Camel says. */
    private Exception told(Exception failure) {
        try {
            checkAll();
        } catch (FaultyRoutes faulty) {
            return faulty;
        }
        return failure instanceof FailedToCreateRouteException failed
                ? new FaultyRoutes(List.of(FaultyRoutes.describe(failed, camelContext)), camelContext) : failure;
    }

    @Override
    public boolean isIgnoreLoadingError() {
        return stock.isIgnoreLoadingError();
    }

    @Override
    public void setIgnoreLoadingError(boolean ignoreLoadingError) {
        stock.setIgnoreLoadingError(ignoreLoadingError);
    }

    @Override
    public RoutesBuilderLoader getRoutesLoader(String extension) throws Exception {
        return stock.getRoutesLoader(extension);
    }

    @Override
    public void loadRoutes(Collection<Resource> resources) throws Exception {
        stock.loadRoutes(resources);
    }

    @Override
    public Collection<RoutesBuilder> findRoutesBuilders(Collection<Resource> resources) throws Exception {
        return stock.findRoutesBuilders(resources);
    }

    @Override
    public Collection<RoutesBuilder> findRoutesBuilders(Collection<Resource> resources, boolean optional)
            throws Exception {
        return stock.findRoutesBuilders(resources, optional);
    }

    @Override
    public void preParseRoute(Resource resource, boolean optional) throws Exception {
        stock.preParseRoute(resource, optional);
    }

    @Override
    public void initRoutesBuilderLoader(RoutesBuilderLoader loader) {
        stock.initRoutesBuilderLoader(loader);
    }
}
