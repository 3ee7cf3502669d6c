package org.routingbridge.deployment;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** YAML of the project's that is plain: no tags, no key twice. */
final class YamlFiles {

    private static final JsonMapper JSON = new JsonMapper();

    private YamlFiles() {
    }

    /** The files of a directory and those below it. */
    static List<Path> in(String directory) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    /** The documents of a file, in order. */
    static List<JsonNode> documents(Path file) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file)) {
            new Yaml(options).loadAll(reader).forEach(document -> documents.add(JSON.valueToTree(document)));
        }
        return documents;
    }
}
