package org.routingbridge;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.jsonvalidator.JsonUriSchemaLoader;
import org.apache.camel.spi.IdempotentRepository;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/** The beans that a route may use: their names, what they are for, and how a route uses them. */
public final class RouteBeans {

    /** How a route uses a bean as a whole, by what the bean is to Camel. */
    private static final Map<Class<?>, String> WHOLE = whole();

    private static final String HEAD = """
            The beans that a route may use, by name. A step calls a method with
              - bean: {ref: NAME, method: METHOD}
            and an option takes the whole bean as "#NAME". beans: in a route file adds others, whose
            constructors and properties may have these as "#bean:NAME"; one of the same name and
            class takes the place of the bridge's.
            """;

    /**
     * One of them.
     *
     * @param field where {@link BridgeBeans} has it
     */
    public record Entry(Field field) {

        public String name() {
            return field.getName();
        }

        public String purpose() {
            return field.getAnnotation(RouteBean.class).value();
        }

        /** Of the bean itself, also where it is still being made. */
        public Class<?> type() {
            return field.getGenericType() instanceof ParameterizedType headStart
                    ? (Class<?>) headStart.getActualTypeArguments()[0] : field.getType();
        }

        /** In words of a route file; one at least. */
        public List<String> uses() {
            List<String> uses = new ArrayList<>();
            String[] methods = field.getAnnotation(RouteBean.class).methods();
            if (methods.length > 0) {
                uses.add("method: " + String.join(", ", methods));
            }
            WHOLE.forEach((type, use) -> {
                if (type.isAssignableFrom(type())) {
                    uses.add(use.replace("NAME", name()));
                }
            });
            return uses;
        }

        /** That a route may call. */
        public List<String> methods() {
            return List.of(field.getAnnotation(RouteBean.class).methods());
        }

        Object of(BridgeBeans beans) {
            try {
                return field.get(beans);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("The beans are of this package", e);
            }
        }
    }

    private RouteBeans() {
    }

    private static Map<Class<?>, String> whole() {
        Map<Class<?>, String> uses = new LinkedHashMap<>();
        uses.put(Processor.class, "process: {ref: NAME}");
        uses.put(Predicate.class, "ref: {expression: NAME}, yes or no");
        uses.put(Expression.class, "ref: {expression: NAME}");
        uses.put(IdempotentRepository.class, "idempotentRepository: NAME");
        uses.put(ExecutorService.class, "executorService: NAME");
        uses.put(HttpClientConfigurer.class, "httpClientConfigurer: \"#NAME\"");
        uses.put(JsonUriSchemaLoader.class, "uriSchemaLoader: \"#NAME\"");
        uses.put(ObjectMapper.class, "objectMapper: \"#NAME\"");
        uses.put(EventBridgeClient.class, "eventbridgeClient: \"#NAME\"");
        return uses;
    }

    /** By name. */
    public static List<Entry> all() {
        return Arrays.stream(BridgeBeans.class.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(RouteBean.class))
                .map(Entry::new).sorted(Comparator.comparing(Entry::name)).toList();
    }

    /** What each of them is, by name. */
    static Map<String, Class<?>> types() {
        return all().stream().collect(Collectors.toMap(Entry::name, Entry::type));
    }

    /** What {@code --help routes} prints. */
    static String help() {
        StringBuilder text = new StringBuilder(HEAD);
        for (Entry bean : all()) {
            text.append('\n').append(bean.name()).append("\n    ").append(bean.purpose()).append('\n');
            bean.uses().forEach(use -> text.append("    ").append(use).append('\n'));
        }
        return text.toString();
    }
}
