package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatchers;
import org.routingbridge.history.EventHistory;

/**
 * Switches the stories of recent events off and on in a bridge that runs, which has no setting for that: its
 * {@link EventHistory} is given methods that do nothing when they are told something, and its own again.
 */
final class StoriesSwitch {

    private final Jcmd jcmd;
    private final Path agent;
    private final Path own;
    private final Path silent;

    /** @param directory for what the bridge is to load */
    StoriesSwitch(Jcmd jcmd, Path directory) throws IOException {
        this.jcmd = jcmd;
        String name = EventHistory.class.getName();
        agent = Files.createDirectories(directory.toAbsolutePath()).resolve("agent.jar");
        own = Files.createDirectories(agent.resolveSibling("own")).resolve(name);
        silent = Files.createDirectories(agent.resolveSibling("silent")).resolve(name);
        Files.write(own, codeOf(EventHistory.class));
        Files.write(silent, silentCode());
        writeAgent();
    }

    private static byte[] codeOf(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return in.readAllBytes();
        }
    }

    /** The history's code with nothing in the methods that are told something. */
    static byte[] silentCode() {
        return new ByteBuddy()
                // a class that is loaded may get no method and no field more
                .with(Implementation.Context.Disabled.Factory.INSTANCE).with(TypeValidation.DISABLED)
                .redefine(EventHistory.class)
                .method(ElementMatchers.isPublic().and(ElementMatchers.returns(void.class))
                        .and(ElementMatchers.isDeclaredBy(EventHistory.class)))
                .intercept(StubMethod.INSTANCE)
                .make().getBytes();
    }

    private void writeAgent() throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(new Attributes.Name("Agent-Class"), Redefinition.class.getName());
        attributes.put(new Attributes.Name("Can-Redefine-Classes"), "true");
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(agent), manifest)) {
            jar.putNextEntry(new ZipEntry(Redefinition.class.getName().replace('.', '/') + ".class"));
            jar.write(codeOf(Redefinition.class));
        }
    }

    /**
     * @param isOn whether the bridge is to tell stories from here on
     * @throws IllegalStateException where that cannot be done
     */
    void set(boolean isOn) throws IOException, InterruptedException {
        String answer = jcmd.ask("JVMTI.agent_load", agent.toString(), (isOn ? own : silent).toString());
        if (!answer.contains("return code: 0")) {
            throw new IllegalStateException("The stories could not be switched " + (isOn ? "on" : "off") + ": "
                    + answer);
        }
    }
}
