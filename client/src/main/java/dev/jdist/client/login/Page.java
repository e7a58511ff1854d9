package dev.jdist.client.login;

import dev.jdist.protocol.http.server.HttpReply;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What the person sees in the browser.
 *
 * @param text the page without its markup, if it has just that
 * @param head what the browser has to know beforehand
 */
public record Page(int status, String title, String text, String head, String html) {
    private static final String FRAME = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>jdist: %1$s</title>
            %2$s
            <style>
            :root { color-scheme: light dark; }
            body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1.5rem; }
            h1 { font-size: 1.4rem; }
            h1 small { font-weight: normal; opacity: .6; }
            a.button { display: inline-block; padding: .5rem 1.2rem; border-radius: .4rem; background: #2563eb;
                       color: #fff; text-decoration: none; }
            </style>
            </head>
            <body>
            <h1><small>jdist</small> <span id="title">%1$s</span></h1>
            %3$s
            </body>
            </html>
            """;

    private static final Map<String, String> HEADERS = Map.of(
            "Cache-Control", "no-store",
            "Referrer-Policy", "no-referrer",
            "X-Content-Type-Options", "nosniff",
            "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                            + " frame-ancestors 'none'");

    /** A page of one paragraph. */
    static Page saying(int status, String title, String text) {
        return new Page(status, title, text, "", "<p id=\"text\">" + escape(text) + "</p>");
    }

    /** Goes on to the login server by itself, and has a link for browsers that do not let it. */
    static Page start(String loginUrl, String loginHost) {
        String url = escape(loginUrl);
        String refresh = "<meta http-equiv=\"refresh\" content=\"1; url=" + url + "\">";
        return new Page(200, "Log in to your compile farm", "", refresh, """
                <p>Taking you to %2$s.</p>
                <p><a class="button" href="%1$s">Continue</a></p>
                """.formatted(url, escape(loginHost)));
    }

    /** Hands over what only the browser knows: what stands behind the # of its address. */
    static Page handOver() {
        return new Page(200, "Finishing your login", "", "", """
                <p id="text">Handing the token over to jdist.</p>
                <noscript><p>This kind of login needs JavaScript: please allow it for this page and reload, or use
                <code>type = "oauth2_code_grant_pkce"</code>, which does not need it.</p></noscript>
                <script>
                const say = (title, text) => {
                  document.getElementById("title").textContent = title;
                  document.getElementById("text").textContent = text;
                };
                const brought = location.hash.slice(1) || location.search.slice(1);
                history.replaceState(null, "", location.pathname);
                fetch("/save_auth", {
                  method: "POST",
                  headers: { "Content-Type": "application/x-www-form-urlencoded" },
                  body: brought,
                })
                  .then((answer) => answer.json())
                  .then((answer) => say(answer.title, answer.text))
                  .catch(() => say("This login has ended", "Please run jdist --dist-auth again."));
                </script>
                """);
    }

    HttpReply reply() {
        return new HttpReply(
                status,
                "text/html; charset=utf-8",
                HEADERS,
                FRAME.formatted(title, head, html).getBytes(StandardCharsets.UTF_8));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
