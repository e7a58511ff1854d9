package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A person at a browser: follows redirects, keeps cookies, fills in Keycloak's login form. Cookies are sent back to
 * loopback without TLS even if they are marked as secure, as browsers do and the JDK's cookie manager does not.
 */
public final class Browser {
    private static final int MAX_STEPS = 10;
    private static final Pattern FORM = Pattern.compile("<form id=\"kc-form-login\"[^>]* action=\"([^\"]+)\"");
    private static final Pattern LINK = Pattern.compile("http-equiv=\"refresh\" content=\"[0-9]+; url=([^\"]+)\"");
    private static final Pattern SCRIPT = Pattern.compile("(?s).*<script>(.*)</script>.*");

    /** Runs the script of a page in the way a browser would: with an address, and elements to write into. */
    private static final String RUN_SCRIPT = """
            import { readFileSync } from "node:fs";
            const [script, address] = process.argv.slice(2);
            const at = new URL(address);
            const elements = { title: {}, text: {} };
            const replaced = [];
            const ask = globalThis.fetch;
            new Function("document", "location", "history", "fetch", readFileSync(script, "utf8"))(
              { getElementById: (id) => elements[id] },
              at,
              { replaceState: (state, title, url) => replaced.push(url) },
              (path, options) => ask(new URL(path, at), options),
            );
            process.on("beforeExit", () => {
              console.log(elements.title.textContent + "\\n" + elements.text.textContent + "\\n" + replaced.join());
              process.exit();
            });
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> cookies = new TreeMap<>();

    /** Where the browser is and what it shows. */
    public record Page(URI address, int status, String text) {}

    /** Goes to the page that {@code --dist-auth} names and from there to the end of the login. */
    public Page logIn(String origin) throws IOException, InterruptedException {
        Page start = get(URI.create(origin));
        Matcher link = LINK.matcher(start.text);
        assertTrue(link.find(), start.text);
        return fillIn(get(URI.create(link.group(1).replace("&amp;", "&"))));
    }

    /** From the address of the login server to the end of the login. */
    public Page logInAt(URI loginUrl) throws IOException, InterruptedException {
        return fillIn(get(loginUrl));
    }

    private Page fillIn(Page page) throws IOException, InterruptedException {
        Matcher form = FORM.matcher(page.text);
        if (!form.find()) {
            // Still logged in from before.
            return page;
        }
        String input = "username=" + URLEncoder.encode(Keycloak.PERSON, StandardCharsets.UTF_8) + "&password="
                + URLEncoder.encode(Keycloak.PASSWORD, StandardCharsets.UTF_8);
        return follow(HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(input)));
    }

    public Page get(URI address) throws IOException, InterruptedException {
        return follow(HttpRequest.newBuilder(address));
    }

    public Page post(URI address) throws IOException, InterruptedException {
        return follow(HttpRequest.newBuilder(address).POST(BodyPublishers.noBody()));
    }

    private Page follow(HttpRequest.Builder first) throws IOException, InterruptedException {
        HttpRequest.Builder next = first;
        URI shown = first.build().uri();
        for (int step = 0; step < MAX_STEPS; step++) {
            next.setHeader("Cookie", String.join("; ", cookies.values()));
            HttpResponse<String> response = http.send(next.build(), BodyHandlers.ofString());
            for (String cookie : response.headers().allValues("Set-Cookie")) {
                String pair = cookie.split(";")[0];
                cookies.put(pair.substring(0, pair.indexOf('=')), pair);
            }
            if (response.statusCode() / 100 != 3) {
                return new Page(shown, response.statusCode(), response.body());
            }
            String location = response.headers().firstValue("Location").orElseThrow();
            // The fragment is the browser's: it is shown, and not sent.
            shown = shown.resolve(location);
            next = HttpRequest.newBuilder(URI.create(shown.toString().split("#")[0]));
        }
        return fail("too many redirects at " + shown);
    }

    /** Runs the script of a page, with node, and returns the title and the text that it then shows. */
    public static String runScript(Page page, Path directory) throws IOException, InterruptedException {
        Matcher script = SCRIPT.matcher(page.text);
        assertTrue(script.matches(), page.text);
        Path code = Files.writeString(directory.resolve("page.js"), script.group(1));
        Path runner = Files.writeString(directory.resolve("run.mjs"), RUN_SCRIPT);
        Process node = new ProcessBuilder("node", runner.toString(), code.toString(), page.address.toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, node.waitFor(), printed);
        return printed;
    }
}
