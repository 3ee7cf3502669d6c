package org.routingbridge.operations;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * The page for operators, {@code GET /ops}, and its parts (contract, section 9). It is made of the files named here and
 * of nothing else: a request is looked up among them, so that no request chooses a file. It holds nothing of the
 * bridge's; what it shows it asks of the same paths as any operator's program.
 *
 * <p>Where there is an operators' token, the page asks for it, keeps it in its tab's {@code sessionStorage} and sends
 * it as {@code Authorization: Bearer}. A cookie would be sent by the browser on its own, to whatever listens on another
 * port of the same host too, and would have to be remembered here; what is in {@code sessionStorage} is one tab's and
 * one origin's, ends with the tab, and can be read by no script but the page's own, since the policy lets in no other.
 *
 * @see <a href="https://www.w3.org/TR/CSP3/">Content Security Policy, level 3</a>
 */
final class OperationsPage {

    static final String PATH = "/ops";
    /** Nothing from elsewhere, nothing inline, no text that is taken for markup, in nobody's frame. */
    static final String POLICY = String.join("; ", "default-src 'none'", "script-src 'self'", "style-src 'self'",
            "connect-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            "require-trusted-types-for 'script'");

    private static final String FILES = "/operations-page/";
    private static final String START = "index.html";
    private static final String SAME_ORIGIN = "same-origin";
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8", "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    /** The parts' files by the paths they are asked for. */
    private static final Map<String, String> PARTS = Stream.of("page.css", "icon.svg", "main.js", "api.js", "dom.js",
            "metrics.js", "overview.js", "events.js", "kept.js", "explain.js")
            .collect(Collectors.toUnmodifiableMap(file -> PATH + "/page/" + file, Function.identity()));

    /** Whether something of the page is at this path, which holds no secret and asks for no token. */
    static boolean isPart(String path) {
        return path.equals(PATH) || PARTS.containsKey(path);
    }

    void addTo(Router router) {
        add(router, PATH, START);
        PARTS.forEach((path, file) -> add(router, path, file));
    }

    private static void add(Router router, String path, String file) {
        Buffer content = read(file);
        String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        router.get(path).handler(ctx -> {
            if (ctx.normalizedPath().equals(path)) {
                answer(ctx, type, content);
            } else {
                // with a slash at its end, from where the page's relative addresses lead elsewhere
                ctx.next();
            }
        });
    }

    /** {@code Cache-Control: no-store} stands already: no page of a former version meets this one's parts. */
    private static void answer(RoutingContext ctx, String type, Buffer content) {
        ctx.response().putHeader("Content-Type", type)
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", SAME_ORIGIN)
                .putHeader("Cross-Origin-Resource-Policy", SAME_ORIGIN)
                .end(content);
    }

    private static Buffer read(String file) {
        try (InputStream content = OperationsPage.class.getResourceAsStream(FILES + file)) {
            if (content == null) {
                throw new IllegalStateException("The bridge was built without " + FILES + file);
            }
            return Buffer.buffer(content.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
