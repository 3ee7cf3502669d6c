package org.routingbridge.routes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.dsl.yaml.common.YamlDeserializationContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutesDefinition;
import org.apache.camel.spi.Resource;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads route files into Camel's model by Camel's own reader, and goes no further: no route is made, and the beans that
 * a file declares are known by name and class only.
 */
final class RouteModels extends YamlRoutesBuilderLoader {

    private final List<RouteDefinition> routes = new ArrayList<>();
    private final List<RouteConfigurationDefinition> configurations = new ArrayList<>();
    private final Map<String, Class<?>> beans = new HashMap<>();

    RouteModels(CamelContext context) {
        setCamelContext(context);
        build();
    }

    /** @throws Exception where Camel cannot read the file either */
    void read(Resource resource) throws Exception {
        RouteBuilder builder = doLoadRouteBuilder(resource);
        builder.setCamelContext(getCamelContext());
        builder.setResource(resource);
        if (builder instanceof org.apache.camel.RouteConfigurationsBuilder policies) {
            org.apache.camel.builder.RouteConfigurationBuilder both =
                    (org.apache.camel.builder.RouteConfigurationBuilder) policies;
            both.configuration();
            configurations.addAll(both.getRouteConfigurationCollection().getRouteConfigurations());
        }
        builder.configure();
        RoutesDefinition read = builder.getRouteCollection();
        routes.addAll(read.getRoutes());
        RouteConfigurationDefinition ofTheFile = new RouteConfigurationDefinition();
        ofTheFile.setOnExceptions(read.getOnExceptions());
        ofTheFile.setOnCompletions(read.getOnCompletions());
        ofTheFile.setIntercepts(read.getIntercepts());
        ofTheFile.setInterceptFroms(read.getInterceptFroms());
        ofTheFile.setInterceptSendTos(read.getInterceptSendTos());
        configurations.add(ofTheFile);
    }

    List<RouteDefinition> routes() {
        return routes;
    }

    /** The policies that routes name, and those of each file alone. */
    List<RouteConfigurationDefinition> configurations() {
        return configurations;
    }

    /** Those that the files declare; {@link Object} where the class is not on the class path. */
    Map<String, Class<?>> beans() {
        return beans;
    }

    @Override
    protected RouteBuilder builder(YamlDeserializationContext context, Node root) {
        if (root instanceof SequenceNode items) {
            items.getValue().removeIf(this::isBeans);
        }
        return super.builder(context, root);
    }

    private boolean isBeans(Node item) {
        if (!(item instanceof MappingNode mapping) || mapping.getValue().isEmpty()
                || !"beans".equals(text(mapping.getValue().get(0).getKeyNode()))) {
            return false;
        }
        if (mapping.getValue().get(0).getValueNode() instanceof SequenceNode declared) {
            declared.getValue().forEach(this::declare);
        }
        return true;
    }

    private void declare(Node bean) {
        if (bean instanceof MappingNode mapping) {
            Map<String, String> members = new HashMap<>();
            for (NodeTuple member : mapping.getValue()) {
                members.put(text(member.getKeyNode()), text(member.getValueNode()));
            }
            String type = members.getOrDefault("type", "").replace("#class:", "");
            boolean made = members.containsKey("script") || members.containsKey("factoryMethod")
                    || members.containsKey("factoryBean") || members.containsKey("builderClass");
            Class<?> found = made || type.isEmpty() ? null : getCamelContext().getClassResolver().resolveClass(type);
            beans.put(members.get("name"), found == null ? Object.class : found);
        }
    }

    private static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }
}
