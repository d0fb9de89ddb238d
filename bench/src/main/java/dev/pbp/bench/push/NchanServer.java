package dev.pbp.bench.push;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The peer nchan: nginx with a module in C, that pushes what is posted to it. Its heartbeats are as often as ours. */
final class NchanServer implements AutoCloseable {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");
    private static final Pattern SUBSCRIBERS = Pattern.compile("\nsubscribers: (\\d+)");

    private final Path folder;
    private final Process process;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    private NchanServer(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Why it cannot be measured here; empty if it can. */
    static Optional<String> missing() {
        return Stream.of(NGINX, MODULE)
                .filter(file -> !Files.exists(file))
                .findFirst()
                .map(file -> file + " is missing (Debian: nginx-light, libnginx-mod-nchan)");
    }

    static NchanServer start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pbp-bench-nchan");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path settings = Files.writeString(folder.resolve("nginx.conf"), settings(folder, port));
        Process process = new ProcessBuilder(NGINX.toString(), "-p", folder.toString(), "-c", settings.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        NchanServer server = new NchanServer(folder, process, port);
        server.awaitStart();
        return server;
    }

    private static String settings(Path folder, int port) {
        StringBuilder temporary = new StringBuilder();
        for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            temporary
                    .append("  ")
                    .append(kind)
                    .append("_temp_path ")
                    .append(folder.resolve(kind))
                    .append(";\n");
        }
        String user = System.getProperty("user.name").equals("root") ? "user root;\n" : "";
        return """
                load_module %s;
                %sdaemon off;
                worker_processes auto;
                worker_rlimit_nofile 20000;
                pid %s;
                error_log stderr error;
                events { worker_connections 19000; }
                http {
                %s  access_log off;
                  keepalive_requests 1000000;
                  server {
                    listen 127.0.0.1:%d backlog=4096;
                    location = /status {
                      nchan_stub_status;
                    }
                    location = /publish {
                      nchan_publisher;
                      nchan_channel_id bench;
                    }
                    location = /api/_changes {
                      nchan_subscriber websocket eventsource longpoll;
                      nchan_channel_id bench;
                      nchan_subscriber_first_message newest;
                      nchan_websocket_ping_interval 12;
                      nchan_eventsource_ping_interval 12;
                    }
                  }
                }
                """.formatted(MODULE, user, folder.resolve("pid"), temporary, port);
    }

    int port() {
        return port;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private void awaitStart() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                http.send(request("/status").build(), HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    close();
                    throw new IOException("nchan: nginx did not start; its standard error says why", notYet);
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    /** Sends a message to all. */
    void send(String json) throws IOException, InterruptedException {
        HttpRequest request = request("/publish")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException("nchan: answered " + response.statusCode() + " " + response.body());
        }
    }

    /** Waits until nginx reports this number of subscribers. */
    void awaitSubscribers(int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String answer;
        do {
            answer = http.send(request("/status").build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher subscribers = SUBSCRIBERS.matcher(answer);
            if (subscribers.find() && Integer.parseInt(subscribers.group(1)) >= count) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        } while (System.nanoTime() < end);
        throw new IOException("nchan: not all of " + count + " clients wait: " + answer);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
