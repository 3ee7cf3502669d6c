package org.routingbridge;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a field of {@link BridgeBeans} whose bean a route may use, by the field's name. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface RouteBean {

    /** What the bean is for, in a line. */
    String value();

    /** The methods that a route calls; none where a route uses the bean only as a whole. */
    String[] methods() default {};
}
