package dev.pbp.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Assumptions;

/** An nginx or HAProxy in front of a site, with a configuration that a page of the documentation shows. */
public final class ReverseProxy implements AutoCloseable {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
    private static final String SITE = "127.0.0.1:8888";
    private static final Pattern LISTEN = Pattern.compile("(listen |bind :)(80|443)\\b");
    private static final Pattern CERTIFICATES = Pattern.compile("/etc/ssl/[a-z.]+/");

    private final Path directory;
    private final int port;
    private final boolean tls;
    private final Process process;

    private ReverseProxy(Path directory, int port, boolean tls, Process process) {
        this.directory = directory;
        this.port = port;
        this.tls = tls;
        this.process = process;
    }

    /** Ends the test with a message where one of them is missing: it fails with {@code -Dpbp.proxies=required}. */
    public static void requireInstalled() {
        for (Path program : List.of(NGINX, HAPROXY)) {
            if (!Files.isExecutable(program)) {
                String message = "no " + program + ": not run (Debian's packages are nginx-light and haproxy)";
                if ("required".equals(System.getProperty("pbp.proxies"))) {
                    throw new AssertionError(message);
                }
                Assumptions.abort(message);
            }
        }
    }

    /**
     * A configuration as a page shows it.
     *
     * @param page below the project's directory
     * @param heading the line under which it stands
     * @param language that of its block
     */
    public static String shown(String page, String heading, String language) throws IOException {
        String text = Files.readString(Path.of(System.getProperty("pbp.root"), page));
        int section = text.indexOf("\n" + heading + "\n");
        int begin = text.indexOf("\n```" + language + "\n", section);
        int end = text.indexOf("\n```\n", begin + 1);
        if (section < 0 || begin < 0 || end < 0) {
            throw new IOException(page + ": no block of " + language + " under the line " + heading);
        }
        return text.substring(text.indexOf('\n', begin + 1) + 1, end + 1);
    }

    /**
     * Starts nginx.
     *
     * @param configuration of the part {@code http}
     * @param site the port of the site
     */
    public static ReverseProxy nginx(String configuration, int site) throws Exception {
        Path directory = Files.createTempDirectory("pbp-nginx");
        StringBuilder whole = new StringBuilder("daemon off;\nworker_processes 1;\npid " + directory + "/nginx.pid;\n");
        if ("root".equals(System.getProperty("user.name"))) {
            whole.append("user root;\n");
        }
        whole.append("events { worker_connections 512; }\nhttp {\naccess_log off;\n");
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            whole.append(kind + "_temp_path " + directory + "/" + kind + ";\n");
        }
        whole.append(configuration).append("}\n");
        return start(directory, whole.toString(), site, List.of(NGINX.toString(), "-c"));
    }

    /**
     * Starts HAProxy.
     *
     * @param configuration its file
     * @param site the port of the site
     */
    public static ReverseProxy haproxy(String configuration, int site) throws Exception {
        Path directory = Files.createTempDirectory("pbp-haproxy");
        return start(directory, configuration, site, List.of(HAPROXY.toString(), "-db", "-f"));
    }

    private static ReverseProxy start(Path directory, String configuration, int site, List<String> program)
            throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        boolean tls = configuration.contains("ssl");
        if (tls) {
            Certificate made = Certificate.generate(directory);
            String chain = Files.readString(made.certificate());
            String key = Files.readString(made.key());
            Files.writeString(directory.resolve("fullchain.pem"), chain);
            Files.writeString(directory.resolve("privkey.pem"), key);
            Files.writeString(directory.resolve("all.pem"), chain + key);
        }
        Path file = directory.resolve("proxy.conf");
        Files.writeString(file, here(configuration, directory, port, site));
        List<String> command = new ArrayList<>(program);
        command.add(file.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out.log").toFile())
                .start();
        ReverseProxy proxy = new ReverseProxy(directory, port, tls, process);
        proxy.awaitPort();
        return proxy;
    }

    /** Only addresses, ports and directories differ from what the page shows. */
    private static String here(String configuration, Path directory, int port, int site) {
        Matcher listen = LISTEN.matcher(configuration);
        if (!configuration.contains(SITE) || !listen.find()) {
            throw new IllegalArgumentException("neither " + SITE + " nor a port in\n" + configuration);
        }
        String replaced = listen.replaceAll(
                found -> (found.group(1).startsWith("bind") ? "bind " : "listen ") + "127.0.0.1:" + port);
        return CERTIFICATES
                .matcher(replaced.replace(SITE, "127.0.0.1:" + site))
                .replaceAll(Matcher.quoteReplacement(directory + "/"));
    }

    private void awaitPort() throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > until) {
                    throw new IOException("proxy: " + Files.readString(directory.resolve("out.log")), e);
                }
                Thread.onSpinWait();
            }
        }
    }

    /** The origin of what it shows. */
    public String origin() {
        return (tls ? "https" : "http") + "://127.0.0.1:" + port;
    }

    /** Its port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** Whether it ends TLS. */
    public boolean isTls() {
        return tls;
    }

    /** For a client that trusts its certificate. */
    public SSLContext trusting() throws Exception {
        return tls ? Certificate.trusting(directory.resolve("fullchain.pem")) : SSLContext.getDefault();
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
