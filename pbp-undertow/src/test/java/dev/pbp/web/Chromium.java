package dev.pbp.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocket;
import dev.pbp.testing.HeadlessChromium;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A running Chromium. What goes wrong in its tabs without a test noticing is told by {@link #complaints}. */
public final class Chromium implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final HeadlessChromium chromium;
    private final List<String> complaints = new ArrayList<>();
    private final List<Request> requests = new ArrayList<>();
    private final Set<WebSocket> sockets = new HashSet<>();
    private BrowserContext context;

    private record Request(String method, String url) {}

    private Chromium(HeadlessChromium chromium) {
        this.chromium = chromium;
        this.context = newContext();
    }

    public static Chromium start() {
        return new Chromium(HeadlessChromium.startShell());
    }

    /** One that keeps pages which are left, to go back to, and whatever else belongs to a whole browser. */
    public static Chromium startWhole() {
        return new Chromium(HeadlessChromium.start());
    }

    /** How many requests for a path, WebSockets among them, the tabs have made since {@link #forget}. */
    public long requests(String path) {
        return Stream.concat(
                        requests.stream().map(Request::url), sockets.stream().map(WebSocket::url))
                .filter(address -> URI.create(address).getPath().equals(path))
                .count();
    }

    /** How often the tabs have read what is at a path since {@link #forget}. */
    public long reads(String path) {
        return requests.stream()
                .filter(request -> request.method().equals("GET")
                        && URI.create(request.url()).getPath().equals(path))
                .count();
    }

    private BrowserContext newContext() {
        requests.clear();
        sockets.clear();
        BrowserContext fresh = chromium.browser().newContext();
        fresh.setDefaultTimeout(TIMEOUT_MILLIS);
        fresh.onWebError(error -> complaints.add(error.error()));
        fresh.onConsoleMessage(this::listen);
        fresh.onRequest(request -> requests.add(new Request(request.method(), request.url())));
        fresh.onPage(page -> page.onWebSocket(sockets::add));
        return fresh;
    }

    private void listen(ConsoleMessage message) {
        if (message.text().contains("Content Security Policy")) {
            complaints.add(message.text());
        }
    }

    /** A new tab; tabs share the browser's storage, locks and connections until {@link #forget}. */
    public Page tab(String address) {
        Page page = context.newPage();
        page.navigate(address);
        return page;
    }

    /** A new tab that has loaded nothing yet. */
    public Page blank() {
        return context.newPage();
    }

    /** Closes all tabs. */
    public void forget() {
        context.close();
        context = newContext();
    }

    /** Errors that no script caught and violations of the Content Security Policy, in any tab so far. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        chromium.close();
    }
}
