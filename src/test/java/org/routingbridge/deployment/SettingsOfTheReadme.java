package org.routingbridge.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The bridge's settings as its README has them, which another test holds against the properties file. */
final class SettingsOfTheReadme {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(bridge\\.[a-z.]+)` \\| (?:`([A-Z_]+)`)? *\\|");

    private SettingsOfTheReadme() {
    }

    /** The variable of each setting: the one named for it, or else its own name in capitals. */
    static Set<String> variables() throws IOException {
        Set<String> variables = new TreeSet<>();
        ROW.matcher(Files.readString(Path.of("README.md"))).results().forEach(row -> variables.add(row.group(2) != null
                ? row.group(2) : row.group(1).toUpperCase(Locale.ROOT).replace('.', '_')));
        return variables;
    }
}
