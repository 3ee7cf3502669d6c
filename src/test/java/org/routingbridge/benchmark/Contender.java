package org.routingbridge.benchmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A server to measure, as it is started.
 *
 * @param name        in the table
 * @param command     starts it
 * @param directory   its working directory
 * @param environment beside what it inherits
 * @param inherits    whether it gets the whole environment of the benchmark, or next to nothing of it
 * @param publishes   whether what it answers 2xx has to come to EventBridge
 * @param notifies    whether it tells the data lake
 * @param queues      whether it answers before EventBridge has the event
 */
record Contender(String name, List<String> command, Path directory, Map<String, String> environment, boolean inherits,
                 boolean publishes, boolean notifies, boolean queues) {
}
