package org.routingbridge.settings;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/** The directory of the audit log, looked at before anything is written there, so that the answer is one clear line. */
public final class LogDirectory {

    /** Under this name and no other the present audit log stands there (contract, section 6). */
    public static final String AUDIT_LOG = "audit.jsonl";

    private static final String AUDIT = "audit";
    private static final String KEY = "bridge.log.dir";

    private LogDirectory() {
    }

    /**
     * Makes the directory where there is none; nobody but the bridge's user can read what it makes there.
     *
     * @throws InvalidSettings where the audit log cannot be written there
     */
    public static void check(Path directory) {
        Path log = directory.resolve(AUDIT_LOG);
        try {
            OwnerOnly.createDirectories(directory);
            FileChannel.open(log, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), OwnerOnly.ofNewFile())
                    .close();
            OwnerOnly.tighten(directory, name -> name.startsWith(AUDIT));
        } catch (IOException e) {
            throw new InvalidSettings(List.of(Settings.nameOf(KEY) + ": " + directory.toAbsolutePath() + " cannot be"
                    + " written to; give the bridge's user the right to, or set another directory; example: logs"));
        }
    }
}
