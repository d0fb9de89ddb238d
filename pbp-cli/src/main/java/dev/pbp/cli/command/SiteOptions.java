package dev.pbp.cli.command;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.push.access.ClientLimits;
import dev.pbp.web.Limits;
import dev.pbp.web.ServerCertificate;
import dev.pbp.web.SiteBuilder;
import dev.pbp.web.TokenAuthenticator;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code serve} that say who may come in, and how. */
final class SiteOptions {
    private static final String PASSWORD_VARIABLE = "PBP_TLS_PASSWORD";

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description =
                    "Only who has a token comes in: a line NAME ROLE TOKEN for each; ROLE is the database role, or -.")
    private @Nullable Path tokens;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Serve HTTPS, with this certificate chain (PEM).")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key (PEM, PKCS#8).")
    private @Nullable Path key;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            description = "Serve HTTPS, with key and certificate from this PKCS#12 file; its password is in "
                    + PASSWORD_VARIABLE + ".")
    private @Nullable Path keystore;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "A line of JSON for each request; - for standard output. Default: none.")
    private @Nullable String accessLog;

    @Option(
            names = "--hosts",
            paramLabel = "NAMES",
            split = ",",
            description =
                    "Names under which browsers reach the site, with commas between, beside localhost and --bind's address.")
    private Set<String> hosts = Set.of();

    @Option(
            names = "--max-clients",
            paramLabel = "N",
            description = "How many may wait for changes at once. Default: 50000.")
    private @Nullable Integer clients;

    @Option(
            names = "--max-clients-per-address",
            paramLabel = "N",
            description = "The same for one address. Default: as many as in all.")
    private @Nullable Integer clientsPerAddress;

    /** Reads and checks what was asked for; what it gives puts that into a site. */
    Consumer<SiteBuilder> read() {
        Limits limits = limits();
        TokenAuthenticator authenticator = tokens == null ? null : authenticator(tokens);
        SSLContext tls = tls();
        Writer log = accessLog == null ? null : open(accessLog);
        return site -> {
            site.limits(limits);
            if (authenticator != null) {
                site.authenticator(authenticator);
            }
            if (tls != null) {
                site.tls(tls);
            }
            if (log != null) {
                site.accessLog(log);
            }
        };
    }

    /** Without ports, and none of them empty. */
    Set<String> hosts() {
        for (String host : hosts) {
            if (!host.matches("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]")) {
                throw new CommandException("--hosts: \"" + host
                        + "\" is no host's name: expected such as example.org or [2001:db8::1], without a port");
            }
        }
        return Set.copyOf(hosts);
    }

    boolean isTls() {
        return certificate != null || keystore != null;
    }

    private Limits limits() {
        ClientLimits standard = Limits.STANDARD.clients();
        int all = clients == null ? standard.all() : clients;
        int perAddress = clientsPerAddress == null ? all : clientsPerAddress;
        try {
            return new Limits(Limits.STANDARD.requests(), new ClientLimits(all, perAddress, standard.terms()));
        } catch (IllegalArgumentException e) {
            throw new CommandException("--max-clients, --max-clients-per-address: " + e.getMessage(), e);
        }
    }

    private static TokenAuthenticator authenticator(Path file) {
        try {
            return TokenAuthenticator.read(file);
        } catch (IOException e) {
            throw new CommandException("--tokens: cannot read " + file + ": " + reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new CommandException("--tokens: " + e.getMessage(), e);
        }
    }

    private @Nullable SSLContext tls() {
        if ((certificate == null) != (key == null) || (certificate != null && keystore != null)) {
            throw new CommandException("TLS: give --tls-cert and --tls-key, or --tls-keystore alone");
        }
        try {
            if (certificate != null && key != null) {
                return ServerCertificate.fromPem(certificate, key);
            }
            if (keystore == null) {
                return null;
            }
            String password = System.getenv(PASSWORD_VARIABLE);
            return ServerCertificate.fromPkcs12(keystore, (password == null ? "" : password).toCharArray());
        } catch (IOException e) {
            throw new CommandException(
                    "TLS: cannot read " + (keystore == null ? certificate + " and " + key : keystore) + ": "
                            + reason(e),
                    e);
        } catch (GeneralSecurityException e) {
            throw new CommandException("TLS: " + e.getMessage(), e);
        }
    }

    private static Writer open(String name) {
        try {
            OutputStream out = name.equals("-")
                    ? new FilterOutputStream(System.out) {
                        @Override
                        public void close() throws IOException {
                            flush(); // standard output is not ours to close
                        }
                    }
                    : Files.newOutputStream(Path.of(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new OutputStreamWriter(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandException("--access-log: cannot open " + name + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }
}
