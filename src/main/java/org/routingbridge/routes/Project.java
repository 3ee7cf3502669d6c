package org.routingbridge.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.camel.spi.ThreadPoolProfile;
import org.routingbridge.settings.SettingsFile;

/** The route files and the properties that a bridge is started with, and the check of both. */
public final class Project {

    /** The properties, in the project's root. */
    public static final String PROPERTIES = "application.properties";
    /** The directory of the route files, in the project's root. */
    public static final String ROUTES = "routes";

    /** How hidden files begin, and the copies that editors work on. */
    private static final Pattern LEFT_BEHIND = Pattern.compile("[.#~]");
    private static final String CAMEL = "camel.";
    private static final String BEANS = "camel.beans.";
    private static final String THREAD_POOL = "camel.threadpool.config[";
    /** What Camel JBang reads of the same file. */
    private static final List<String> OF_JBANG = List.of("camel.jbang.", "logging.");

    private final Path routes;
    private final SettingsFile settings;
    private final Map<String, Class<?>> beans;
    private final Collection<String> components;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param routes     the directory of route files, as a person would name it
     * @param settings   the properties
     * @param beans      those that a route may use, by name
     * @param components those that are given to Camel, by the scheme of their endpoints
     */
    public Project(Path routes, SettingsFile settings, Map<String, Class<?>> beans, Collection<String> components) {
        this.routes = routes;
        this.settings = settings;
        this.beans = new HashMap<>(beans);
        this.components = List.copyOf(components);
    }

    /**
     * The route files by name, one after the other, since Camel reads what matches a pattern in any order. What systems
     * and editors leave beside them is none.
     */
    public static List<Path> routeFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !Files.isDirectory(file)).map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".camel.yaml") && !LEFT_BEHIND.matcher(name).lookingAt())
                    .sorted().map(directory::resolve).toList();
        }
    }

    /**
     * Everything that is wrong or to be remarked, in the order of files and lines; none where all is well. Takes a
     * second or two, and starts nothing.
     *
     * @throws UncheckedIOException where a file cannot be read
     */
    public List<Finding> findings() {
        settings.others().forEach(this::declare);
        ProjectCheck check = new ProjectCheck(texts(), settings::value, settings.keys(),
                Registered.of(beans, components));
        findings.addAll(check.findings());
        settings.mistakes((key, what) -> findings.add(Finding.error(PROPERTIES, settings.line(key), key, what)));
        settings.again().forEach((key, line) -> findings.add(Finding.remark(PROPERTIES, line, key,
                "stands in line " + settings.line(key) + " too, which does not count")));
        check.properties(settings).forEach(findings::add);
        Catalog catalog = new Catalog(check.context());
        Collection<String> read = new TreeSet<>(settings.keys());
        read.removeAll(settings.others().keySet());
        read.addAll(check.asked());
        settings.others().forEach((key, value) -> check(key, value, check, catalog, read));
        return findings.stream().distinct().sorted(Finding.BY_PLACE).toList();
    }

    /** The errors alone, as lines. */
    public List<String> errors() {
        return Finding.errors(findings());
    }

    private void check(String key, String value, ProjectCheck check, Catalog catalog, Collection<String> read) {
        if (OF_JBANG.stream().anyMatch(key::startsWith)) {
            return;
        }
        if (key.startsWith(CAMEL)) {
            catalog.property(key, value).forEach(what -> findings.add(Finding.error(PROPERTIES, settings.line(key),
                    key, what)));
        } else if (!check.asked().contains(key)) {
            findings.add(Finding.remark(PROPERTIES, settings.line(key), key, "nobody reads it"
                    + Finding.nearest(key, read)));
        }
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        try {
            for (Path file : routeFiles(routes)) {
                try {
                    texts.put("file:" + file, Files.readString(file));
                } catch (MalformedInputException e) {
                    findings.add(Finding.error(file.toString(), 0, "", "is not written in UTF-8"));
                }
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Beans and thread pools that Camel makes of properties. */
    private void declare(String key, String value) {
        if (key.startsWith(BEANS)) {
            String name = key.substring(BEANS.length()).split("[.\\[]")[0];
            beans.putIfAbsent(name, Object.class);
        } else if (key.startsWith(THREAD_POOL)) {
            beans.put(key.substring(THREAD_POOL.length()).split("]")[0], ThreadPoolProfile.class);
        }
    }
}
