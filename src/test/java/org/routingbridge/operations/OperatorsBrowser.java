package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;

/**
 * The machine's own Chromium, with an operator before it. Whatever the page does that it must not, such as running a
 * script that came with an event, or breaking its policy, is remembered.
 *
 * @see <a href="https://playwright.dev/java/docs/api/class-browsertype#browser-type-launch">Playwright: launch</a>
 */
final class OperatorsBrowser implements AutoCloseable {

    static final int WIDE = 1280;
    /** Of the narrowest telephone. */
    static final int NARROW = 360;

    private static final String ASKED_FOR = System.getProperty("browser");
    /** The one that has no window first, since it does the same with a third of the processor time. */
    private static final List<String> NAMES = List.of("chromium-headless-shell", "chromium", "chromium-browser",
            "google-chrome", "chrome.exe");
    private static final List<String> RULES = List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
            "best-practice");
    private static final Pattern OF_A_STATUS = Pattern.compile("Failed to load resource: the server responded .*");
    private static final boolean TAKES_PICTURES = Boolean.getBoolean("operations.pictures");
    private static final Path PICTURES = Path.of("target", "operations-page");
    private static final int HEIGHT = 900;

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> misdeeds = new ArrayList<>();

    OperatorsBrowser() {
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions()
                .setExecutablePath(executable().orElseThrow()));
    }

    /** Where Chromium is: where {@code -Dbrowser} says, or else on the path. */
    static Optional<Path> executable() {
        if (ASKED_FOR != null) {
            return Optional.of(Path.of(ASKED_FOR));
        }
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable).findFirst();
    }

    Page open(String address) {
        return open(address, WIDE, ColorScheme.LIGHT);
    }

    /** A page in a context of its own, which knows nothing of others. */
    Page open(String address, int width, ColorScheme scheme) {
        Page page = newPage(width, scheme);
        page.navigate(address);
        return page;
    }

    Page newPage(int width, ColorScheme scheme) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, HEIGHT)
                .setColorScheme(scheme).setTimezoneId("Asia/Tokyo").setLocale("de-DE"));
        Page page = context.newPage();
        page.onPageError(error -> misdeeds.add("error: " + error));
        page.onDialog(dialog -> {
            misdeeds.add("dialog: " + dialog.message());
            dialog.dismiss();
        });
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !OF_A_STATUS.matcher(message.text()).matches()) {
                misdeeds.add("console: " + message.text());
            }
        });
        page.onRequest(request -> {
            if (!request.url().startsWith("http://127.0.0.1:")) {
                misdeeds.add("request: " + request.url());
            }
        });
        return page;
    }

    /** What a page did that it must not, since this was last asked. */
    List<String> misdeeds() {
        List<String> all = List.copyOf(misdeeds);
        misdeeds.clear();
        return all;
    }

    /** Ends all pages. */
    void closePages() {
        browser.contexts().forEach(BrowserContext::close);
    }

    /** A picture of the whole page, for a person to look at, where {@code -Doperations.pictures=true} asks for them. */
    static void picture(Page page, String name) {
        if (TAKES_PICTURES) {
            page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")).setFullPage(true));
        }
    }

    /** By axe-core's rules for WCAG 2.2 AA. */
    static void assertAccessible(Page page) {
        Stream<String> violations = new AxeBuilder(page).withTags(RULES).analyze().getViolations().stream()
                .flatMap(rule -> rule.getNodes().stream().map(node -> rule.getId() + ": " + node.getHtml() + " "
                        + node.getFailureSummary()));
        assertThat(violations).isEmpty();
    }

    static void assertNoSidewaysScrolling(Page page) {
        assertThat(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .isEqualTo(0);
    }

    @Override
    public void close() {
        playwright.close();
    }
}
