package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** What the documents say of files, routes, settings and of each other. */
class DocumentsTest {

    private static final Path README = Path.of("README.md");
    private static final Path CONTRACT = Path.of("docs", "contract.md");
    private static final int NEWCOMERS_LINES = 250;
    private static final Pattern CODE = Pattern.compile("`[^`]*`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("#+ (.+)");
    private static final Pattern ROUTE_ID = Pattern.compile("(?m)^ {4}id: (\\S+)$");
    private static final Pattern BOX = Pattern.compile("\\[([a-z-]+)]");
    private static final Pattern NAME = Pattern.compile("(?<![/\\w-])[a-z]+(?:-[a-z]+)+(?![/\\w-])");
    private static final Pattern SETTING = Pattern.compile("`(bridge\\.[a-z.]+)`");
    private static final Pattern CITED = Pattern.compile(
            "[Cc]ontract,\\s+(?:\\*\\s+)?sections? (\\d+)(?:(?: to | and |, )(\\d+))?");

    /** The lines that are prose, tables and headings, and not code. */
    private static List<String> prose(Path document) {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : Documents.lines(document)) {
            if (line.startsWith("```")) {
                code = !code;
            } else if (!code) {
                prose.add(line);
            }
        }
        return prose;
    }

    /** The anchors that GitHub gives a document's headings. */
    private static Set<String> anchors(Path document) {
        return prose(document).stream().map(HEADING::matcher).filter(heading -> heading.matches())
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean leadsSomewhere(Path document, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
        return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    private static Set<String> routesAndPolicies() throws IOException {
        Set<String> ids = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                ROUTE_ID.matcher(Files.readString(file)).results().map(id -> id.group(1)).forEach(ids::add);
            }
        }
        return ids;
    }

    @Test
    void everyLinkLeadsSomewhere() {
        // When
        Map<Path, List<String>> dead = new TreeMap<>();
        for (Path document : Documents.all()) {
            List<String> links = prose(document).stream()
                    .flatMap(line -> LINK.matcher(CODE.matcher(line).replaceAll("code")).results())
                    .map(link -> link.group(1)).filter(link -> !link.startsWith("https://"))
                    .filter(link -> !leadsSomewhere(document, link)).toList();
            if (!links.isEmpty()) {
                dead.put(document, links);
            }
        }

        // Then
        assertThat(Documents.all()).hasSizeGreaterThan(8);
        assertThat(dead).isEmpty();
    }

    @Test
    void theReadmeIsWhatANewcomerNeeds() {
        assertThat(Documents.lines(README)).hasSizeLessThanOrEqualTo(NEWCOMERS_LINES);
    }

    @Test
    void everyDocumentIsNamedByTheReadme() {
        // When
        String readme = String.join("\n", Documents.lines(README));

        // Then
        assertThat(Documents.all()).filteredOn(document -> !document.equals(README) && !document.startsWith(".github"))
                .allSatisfy(document -> assertThat(readme).contains("(" + document + ")"));
    }

    @Test
    void thePicturesNameRoutesThatThereAre() throws IOException {
        // Given
        String readme = Files.readString(README);
        String picture = readme.substring(readme.indexOf("```"), readme.indexOf("```", readme.indexOf("```") + 3));
        String architecture = Files.readString(Path.of("docs", "architecture.md"));
        String chart = architecture.substring(architecture.indexOf("```mermaid"), architecture.indexOf("```\n"));

        // When
        List<String> named = Stream.concat(NAME.matcher(picture).results().map(MatchResult::group),
                BOX.matcher(chart).results().map(box -> box.group(1))).distinct().toList();

        // Then
        assertThat(named).hasSizeGreaterThan(12);
        assertThat(routesAndPolicies()).containsAll(named);
    }

    /** Every setting of the properties file with its default; an empty one where it has none. */
    private static Properties settings() throws IOException {
        Properties file = new Properties();
        try (Stream<String> lines = Files.lines(Path.of("application.properties"))) {
            lines.filter(line -> line.matches("#?bridge\\.[a-z.]+=.*")).map(line -> line.split("=", 2))
                    .forEach(line -> file.setProperty(line[0].replaceFirst("#", ""),
                            line[0].startsWith("#") ? "" : line[1]));
        }
        return file;
    }

    @Test
    void whatTheContractCallsNotBuiltYetIsWhatIsMissing() throws IOException {
        // Given
        Set<String> settings = settings().stringPropertyNames();
        Set<String> ofTheContract = Documents.table(CONTRACT, "| environment |").stream()
                .flatMap(row -> Stream.of(row.cells().get(1).split(", ")))
                .collect(Collectors.toCollection(TreeSet::new));

        // When
        Set<String> notBuiltYet = prose(CONTRACT).stream().filter(line -> line.startsWith("> "))
                .flatMap(line -> SETTING.matcher(line).results()).map(key -> key.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        // Then
        assertThat(ofTheContract).hasSizeGreaterThan(40);
        ofTheContract.removeAll(settings);
        assertThat(notBuiltYet).isEqualTo(ofTheContract);
    }

    @Test
    void theReadmeShowsEverySettingWithItsDefault() throws IOException {
        // Given
        Properties file = settings();

        // When
        Map<String, String> shown = new TreeMap<>();
        Documents.table(README, "| property |").forEach(row -> shown.put(row.cells().get(0), row.cells().get(2)));

        // Then
        assertThat(shown.keySet()).isEqualTo(file.stringPropertyNames());
        file.stringPropertyNames().stream().filter(key -> !file.getProperty(key).isEmpty())
                .forEach(key -> assertThat(shown.get(key)).as(key).isEqualTo(file.getProperty(key)));
    }

    @Test
    void theArchitectureNamesEveryPackage() throws IOException {
        // Given
        Set<String> packages = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src", "main", "java", "org", "routingbridge"))) {
            files.filter(Files::isDirectory).forEach(directory -> packages.add(directory.getFileName().toString()));
        }

        // When
        List<String> named = Documents.table(Path.of("docs", "architecture.md"), "| package |").stream()
                .flatMap(row -> Stream.of(row.cells().get(0).split(", "))).toList();

        // Then
        assertThat(named).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void everySectionOfTheContractThatTheCodeCitesIsThere() throws IOException {
        // Given
        Set<String> sections = prose(CONTRACT).stream().filter(line -> line.matches("## \\d+\\. .+"))
                .map(line -> line.substring(3, line.indexOf('.'))).collect(Collectors.toCollection(TreeSet::new));

        // When
        Set<String> cited = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                CITED.matcher(Files.readString(file)).results().forEach(citation -> {
                    cited.add(citation.group(1));
                    if (citation.group(2) != null) {
                        cited.add(citation.group(2));
                    }
                });
            }
        }

        // Then
        assertThat(cited).hasSizeGreaterThan(6);
        assertThat(sections).containsAll(cited);
    }
}
