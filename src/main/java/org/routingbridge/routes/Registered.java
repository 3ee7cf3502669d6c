package org.routingbridge.routes;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

import org.apache.camel.CamelContext;

/** What a route may name that is not in the routes: beans and what they are, and components. */
interface Registered {

    /** Of the bean of that name; {@link Object} where only that it is there is known, null where none is. */
    Class<?> typeOf(String bean);

    /** The names of all beans. */
    Collection<String> beans();

    /** Whether a component was given to Camel rather than found on the class path. */
    boolean hasComponent(String scheme);

    /** What is registered in a context that has everything a route needs. */
    static Registered in(CamelContext context) {
        return new Registered() {
            @Override
            public Class<?> typeOf(String bean) {
                Object found = context.getRegistry().lookupByName(bean);
                if (found == null) {
                    found = context.getExecutorServiceManager().getThreadPoolProfile(bean);
                }
                return found == null ? null : found.getClass();
            }

            @Override
            public Collection<String> beans() {
                return context.getRegistry().findByTypeWithName(Object.class).keySet();
            }

            @Override
            public boolean hasComponent(String scheme) {
                return context.hasComponent(scheme) != null;
            }
        };
    }

    /** What would be registered, by name; nothing of it is made. */
    static Registered of(Map<String, Class<?>> beans, Collection<String> components) {
        return new Registered() {
            @Override
            public Class<?> typeOf(String bean) {
                return beans.get(bean);
            }

            @Override
            public Collection<String> beans() {
                return beans.keySet();
            }

            @Override
            public boolean hasComponent(String scheme) {
                return components.contains(scheme);
            }
        };
    }

    /** These, and others that are not made yet, which take the place of those of their name. */
    default Registered and(Map<String, Class<?>> others) {
        Registered these = this;
        Map<String, Class<?>> more = new HashMap<>(others);
        return new Registered() {
            @Override
            public Class<?> typeOf(String bean) {
                Class<?> other = more.get(bean);
                return other == null ? these.typeOf(bean) : other;
            }

            @Override
            public Collection<String> beans() {
                Collection<String> names = new TreeSet<>(these.beans());
                names.addAll(more.keySet());
                return names;
            }

            @Override
            public boolean hasComponent(String scheme) {
                return these.hasComponent(scheme);
            }
        };
    }
}
