package org.routingbridge.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.ResourceHelper;
import org.routingbridge.settings.SettingsFile;

/**
 * The check of route files and properties as they are written, before anything is made of them (contract, sections 1
 * and 9): against YAML, the schema of Camel's YAML, Camel's model and Camel's catalog. Nothing is started, and no bean
 * is made.
 */
final class ProjectCheck {

    private final Map<String, String> files;
    private final UnaryOperator<String> property;
    private final Registered registered;
    private final Collection<String> known;
    private final Set<String> asked = new TreeSet<>();
    private CamelContext running;
    private Registered beans;
    private String missing;
    private final List<Finding> findings = new ArrayList<>();
    private final CamelContext context = new DefaultCamelContext();

    /**
     * Of some route files.
     *
     * @param files      the text of each by its location, such as {@code file:routes/operate.camel.yaml}
     * @param property   what a property is, null where there is none of the name
     * @param known      the names of properties that may have been meant
     * @param registered what is there beside what the files declare
     */
    ProjectCheck(Map<String, String> files, UnaryOperator<String> property, Collection<String> known,
                 Registered registered) {
        this.files = files;
        this.property = property;
        this.known = known;
        this.registered = registered;
        beans = registered;
        context.setSourceLocationEnabled(true);
        PropertiesComponent properties = context.getPropertiesComponent();
        properties.addPropertiesSource(new Source());
        properties.addPropertiesFunction(new SaidByBeans());
    }

    /** Where the files are not all that there is: a context whose routes may be called, and its policies named. */
    ProjectCheck beside(CamelContext context) {
        running = context;
        return this;
    }

    CamelContext context() {
        return context;
    }

    /** In no order; none where all is well. */
    List<Finding> findings() {
        RouteModels models = new RouteModels(context);
        RouteSchema schema = new RouteSchema();
        boolean allRead = true;
        List<RouteFile> read = new ArrayList<>();
        for (Map.Entry<String, String> file : files.entrySet()) {
            RouteFile written = new RouteFile(Finding.fileOf(file.getKey()), file.getValue());
            findings.addAll(written.findings());
            if (written.tree() == null) {
                allRead = false;
                if (written.findings().isEmpty()) {
                    findings.add(Finding.error(written.name(), 0, "", "nothing is in it"));
                }
                continue;
            }
            read.add(written);
            String failure = failureToRead(models, file);
            allRead &= failure == null;
            check(written, schema, failure);
        }
        beans = registered.and(models.beans());
        read.forEach(file -> file.eachText((place, text) -> resolve(file, place, text)));
        if (allRead) {
            RoutesCheck check = new RoutesCheck(context, beans, new Catalog(context), models.routes(),
                    models.configurations());
            findings.addAll((running == null ? check : check.beside(running)).findings());
        }
        return findings;
    }

    /** The properties that the files have asked for, once they are checked. */
    Set<String> asked() {
        return asked;
    }

    /** What is wrong with the values of properties that ask for other ones. */
    List<Finding> properties(SettingsFile settings) {
        List<Finding> wrong = new ArrayList<>();
        settings.values().forEach((key, value) -> {
            String what = mistake(value);
            if (what != null) {
                wrong.add(Finding.error(Project.PROPERTIES, settings.line(key), key, what));
            }
        });
        return wrong;
    }

    private static String failureToRead(RouteModels models, Map.Entry<String, String> file) {
        try {
            models.read(ResourceHelper.fromString(file.getKey(), file.getValue()));
            return null;
        } catch (Exception e) {
            return FaultyRoutes.reason(e);
        }
    }

    /** What the schema says is wrong and Camel reads all the same is no reason to refuse a start. */
    private void check(RouteFile file, RouteSchema schema, String failure) {
        int before = findings.size();
        schema.mistakes(file.tree(), failure == null, (place, what) -> findings.add(new Finding(
                failure == null ? Finding.Kind.REMARK : Finding.Kind.ERROR, file.name(), file.line(place),
                file.subject(place), what)));
        if (failure != null && findings.size() == before) {
            findings.add(Finding.error(file.name(), 0, "", failure));
        }
    }

    private void resolve(RouteFile file, String place, String text) {
        String what = mistake(text);
        if (what != null) {
            findings.add(Finding.error(file.name(), file.line(place), file.subject(place), what));
        }
    }

    /** What is wrong with a text's placeholders; null where nothing is. */
    private String mistake(String text) {
        if (!text.contains(PropertiesComponent.PREFIX_TOKEN)) {
            return null;
        }
        missing = null;
        try {
            context.resolvePropertyPlaceholders(text);
            return null;
        } catch (IllegalArgumentException e) {
            return missing == null ? FaultyRoutes.reason(e)
                    : "there is no property " + missing + Finding.nearest(missing, known);
        }
    }

    /** The one source of properties, which remembers what it was asked. */
    private final class Source implements PropertiesSource {

        @Override
        public String getName() {
            return "checked-properties";
        }

        @Override
        public String getProperty(String name) {
            asked.add(name);
            String value = property.apply(name);
            if (value == null) {
                missing = name;
            }
            return value;
        }
    }

    /** In place of Camel's function that asks a bean: whether there is such a bean, and it has such a method. */
    private final class SaidByBeans implements PropertiesFunction {

        @Override
        public String getName() {
            return "bean";
        }

        @Override
        public String apply(String question) {
            int dot = question.indexOf('.');
            String name = dot < 0 ? question : question.substring(0, dot);
            Class<?> type = beans.typeOf(name);
            if (type == null) {
                throw new IllegalArgumentException("there is no bean " + name + Finding.nearest(name, beans.beans()));
            }
            String method = question.substring(dot + 1);
            Set<String> methods = RoutesCheck.methodsOf(type);
            if (dot >= 0 && type != Object.class && !methods.contains(method)) {
                throw new IllegalArgumentException("the bean " + name + " has no method " + method
                        + Finding.nearest(method, methods));
            }
            return Catalog.SAID_BY_A_BEAN;
        }
    }
}
