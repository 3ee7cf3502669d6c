package org.routingbridge.benchmark;

import java.lang.instrument.ClassDefinition;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs inside a server under test, as an agent: gives one of its classes other code. */
public final class Redefinition {

    private Redefinition() {
    }

    /**
     * @param file of the class's new code; it has the class's full name
     * @throws IllegalStateException where no such class is loaded
     */
    public static void agentmain(String file, Instrumentation instrumentation) throws Exception {
        Path code = Path.of(file);
        String name = code.getFileName().toString();
        Class<?> loaded = Arrays.stream(instrumentation.getAllLoadedClasses())
                .filter(one -> one.getName().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " is not loaded"));
        instrumentation.redefineClasses(new ClassDefinition(loaded, Files.readAllBytes(code)));
    }
}
