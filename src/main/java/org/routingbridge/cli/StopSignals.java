package org.routingbridge.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * What is done where somebody tells this process to stop: by SIGTERM, as supervisors do, or by SIGINT, as Ctrl-C does.
 * It takes the place of the JVM's own end. The JDK has this in {@code sun.misc.Signal} alone, which lies in a module
 * that stays ({@code jdk.unsupported}, JEP 260) and of which no compiler can be told not to warn; so it is found by its
 * name.
 */
public final class StopSignals {

    private StopSignals() {
    }

    /**
     * From now on, instead of what was done so far.
     *
     * @param stop runs in a thread of its own, once for each signal
     * @throws IllegalStateException on a Java that has none of this, or keeps the signals for itself ({@code -Xrs})
     */
    public static void handle(Runnable stop) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    stop.run();
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "stop";
            };
            Object stops = Proxy.newProxyInstance(StopSignals.class.getClassLoader(), new Class<?>[]{handler}, calls);
            for (String name : new String[]{"TERM", "INT"}) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), stops);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIGTERM and SIGINT cannot be handled on this Java", e);
        }
    }
}
