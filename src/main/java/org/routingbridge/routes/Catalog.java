package org.routingbridge.routes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.catalog.ConfigurationPropertiesValidationResult;
import org.apache.camel.catalog.EndpointValidationResult;
import org.apache.camel.catalog.impl.DefaultRuntimeCamelCatalog;
import org.apache.camel.spi.Language;
import org.apache.camel.tooling.model.BaseOptionModel;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.util.StringHelper;

/**
 * What Camel says of the components, languages and settings that are on the class path: its catalog at run time, which
 * reads the descriptions that each component brings along.
 *
 * @see <a href="https://camel.apache.org/manual/camel-catalog.html">Camel: catalog</a>
 */
final class Catalog {

    /** Stands for what a bean would say of itself at a start. */
    static final String SAID_BY_A_BEAN = "said-by-a-bean";

    private static final String COMPONENTS = "META-INF/services/org/apache/camel/component.properties";

    private static final String OF_COMPONENTS = "camel.component.";
    /** Camel's reader of properties, which is set like a component and described nowhere. */
    private static final String OF_PROPERTIES = "camel.component.properties.";
    private static final String NO_SETTING = "Camel has no such setting";
    private static final String TRUTH = "true or false";
    private static final String WHOLE_NUMBER = "a whole number";
    private static final String NUMBER = "a number";
    private static final String DURATION = "a duration";

    private final CamelContext context;
    private final DefaultRuntimeCamelCatalog catalog = new DefaultRuntimeCamelCatalog();

    Catalog(CamelContext context) {
        this.context = context;
        catalog.setCamelContext(context);
        catalog.start();
    }

    /** What is wrong with an endpoint whose placeholders are resolved. */
    List<String> endpoint(String uri, boolean consumer, Registered registered) {
        String scheme = scheme(uri);
        Class<?> ofAPerson = registered.typeOf(scheme);
        if (uri.isEmpty() || uri.startsWith(SAID_BY_A_BEAN)
                || ofAPerson != null && Component.class.isAssignableFrom(ofAPerson)) {
            return List.of();
        }
        ComponentModel component = catalog.componentModel(scheme);
        if (component == null && registered.hasComponent(scheme)) {
            return List.of();
        }
        if (component == null) {
            return List.of("there is no component " + scheme + " on the class path"
                    + Finding.nearest(scheme, components()));
        }
        EndpointValidationResult result = catalog.validateEndpointProperties(uri, false, consumer, !consumer);
        List<String> mistakes = new ArrayList<>();
        if (result.getSyntaxError() != null) {
            mistakes.add(result.getSyntaxError());
        }
        Collection<String> options = names(component.getEndpointOptions());
        each(result.getUnknown()).forEach(option -> mistakes.add(
                "there is no option " + option + " of " + scheme + Finding.nearest(option, options)));
        each(result.getRequired()).forEach(option -> mistakes.add("the option " + option + " of " + scheme
                + " is missing"));
        each(result.getNotConsumerOnly()).forEach(option -> mistakes.add("the option " + option + " of " + scheme
                + " is for sending alone"));
        each(result.getNotProducerOnly()).forEach(option -> mistakes.add("the option " + option + " of " + scheme
                + " is for receiving alone"));
        if (consumer ? component.isProducerOnly() : component.isConsumerOnly()) {
            mistakes.add(scheme + (consumer ? " is only sent to" : " is only received from"));
        }
        entries(result.getInvalidEnum()).forEach((option, value) -> mistakes.add("the option " + option + " is " + value
                + ", and can be " + String.join(", ", result.getEnumChoices(option))));
        wrong(result.getInvalidBoolean(), TRUTH, mistakes);
        wrong(result.getInvalidInteger(), WHOLE_NUMBER, mistakes);
        wrong(result.getInvalidNumber(), NUMBER, mistakes);
        wrong(result.getInvalidDuration(), DURATION, mistakes);
        return mistakes;
    }

    /** A time such as 5s is converted for options that are described as numbers. */
    private void wrong(Map<String, String> values, String kind, List<String> mistakes) {
        entries(values).forEach((option, value) -> {
            if (!value.contains(SAID_BY_A_BEAN) && !catalog.validateTimePattern(value)) {
                mistakes.add("the option " + option + " is " + value + ", and has to be " + kind);
            }
        });
    }

    /** What an endpoint takes for a parameter of the address that it calls, and is nearly an option of its own. */
    List<String> parameters(String uri) {
        ComponentModel component = uri.isEmpty() ? null : catalog.componentModel(scheme(uri));
        if (component == null || !component.isLenientProperties()) {
            return List.of();
        }
        Collection<String> options = names(component.getEndpointOptions());
        return each(catalog.validateEndpointProperties(uri).getLenient()).stream()
                .filter(option -> !Finding.nearest(option, options).isEmpty())
                .map(option -> option + " is no option of " + component.getScheme() + " and becomes a parameter of the"
                        + " address" + Finding.nearest(option, options)).toList();
    }

    /** The beans that an endpoint's options refer to, as {@code #name}. */
    List<String> references(String uri) {
        try {
            Map<String, String> options = uri.isEmpty() || catalog.componentModel(scheme(uri)) == null ? null
                    : catalog.endpointProperties(uri);
            return options == null ? List.of() : options.values().stream().filter(value -> value.startsWith("#"))
                    .toList();
        } catch (URISyntaxException e) {
            return List.of();
        }
    }

    /** What is wrong with an expression or a predicate, where its language can say so before an event comes. */
    Optional<String> expression(String language, String text, boolean predicate) {
        try {
            Language found = context.resolveLanguage(language);
            if (language.equals("simple") && !text.contains(SAID_BY_A_BEAN)) {
                if (predicate) {
                    found.createPredicate(text);
                } else {
                    found.createExpression(text);
                }
            }
            return Optional.empty();
        } catch (NoSuchLanguageException e) {
            return Optional.of("there is no language " + language + " on the class path");
        } catch (RuntimeException e) {
            return Optional.of("not in the language " + language + ": " + FaultyRoutes.reason(e));
        }
    }

    /** What is wrong with a setting of Camel's in {@code application.properties}. */
    List<String> property(String key, String value) {
        if (key.startsWith(OF_PROPERTIES)) {
            Collection<String> known = settingsOfProperties();
            return known.contains(key) ? List.of() : List.of(NO_SETTING + Finding.nearest(key, known));
        }
        ConfigurationPropertiesValidationResult result = catalog.validateConfigurationProperty(key + "=" + value);
        if (!result.isAccepted() || result.getUnknownComponent() != null || !each(result.getUnknown()).isEmpty()) {
            return List.of(NO_SETTING + Finding.nearest(key, settingsLike(key)));
        }
        List<String> mistakes = new ArrayList<>();
        Map<String, String> choices = entries(result.getInvalidEnum());
        choices.keySet().forEach(option -> mistakes.add("is " + value + ", and can be "
                + String.join(", ", result.getEnumChoices(option))));
        wrong(value, result.getInvalidBoolean(), TRUTH, mistakes);
        wrong(value, result.getInvalidInteger(), WHOLE_NUMBER, mistakes);
        wrong(value, result.getInvalidNumber(), NUMBER, mistakes);
        wrong(value, result.getInvalidDuration(), DURATION, mistakes);
        return mistakes;
    }

    private void wrong(String value, Map<String, String> values, String kind, List<String> mistakes) {
        if (!entries(values).isEmpty() && !catalog.validateTimePattern(value)) {
            mistakes.add("is " + value + ", and has to be " + kind);
        }
    }

    private Collection<String> settingsOfProperties() {
        return Arrays.stream(context.getPropertiesComponent().getClass().getMethods()).map(Method::getName)
                .filter(name -> name.startsWith("set"))
                .map(name -> OF_PROPERTIES + StringHelper.decapitalize(name.substring("set".length()))).toList();
    }

    /** The settings of Camel's own, or of the component that the key names. */
    private Collection<String> settingsLike(String key) {
        if (!key.startsWith(OF_COMPONENTS)) {
            return catalog.mainModel().getOptions().stream().map(BaseOptionModel::getName).toList();
        }
        String scheme = key.substring(OF_COMPONENTS.length()).split("\\.")[0];
        ComponentModel component = catalog.componentModel(scheme);
        return component == null ? components().stream().map(name -> key.replace(scheme, name)).toList()
                : names(component.getComponentOptions()).stream().map(name -> OF_COMPONENTS + scheme + "." + name)
                        .toList();
    }

    private static String scheme(String uri) {
        int end = 0;
        while (end < uri.length() && uri.charAt(end) != ':' && uri.charAt(end) != '?') {
            end++;
        }
        return uri.substring(0, end);
    }

    private static Collection<String> names(Collection<? extends BaseOptionModel> options) {
        return options.stream().map(BaseOptionModel::getName).toList();
    }

    private static Set<String> each(Set<String> names) {
        return names == null ? Set.of() : new TreeSet<>(names);
    }

    private static Map<String, String> entries(Map<String, String> values) {
        return values == null ? Map.of() : values;
    }

    /** The components on the class path, which each has a file that names them. */
    private Collection<String> components() {
        Set<String> names = new TreeSet<>();
        try {
            for (URL url : Collections.list(context.getClassResolver().loadAllResourcesAsURL(COMPONENTS))) {
                Properties properties = new Properties();
                try (InputStream in = url.openStream()) {
                    properties.load(in);
                }
                names.addAll(Arrays.asList(properties.getProperty("components", "").trim().split("\\s+")));
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
