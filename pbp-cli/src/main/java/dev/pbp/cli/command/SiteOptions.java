package dev.pbp.cli.command;

import dev.pbp.cli.settings.InvalidSettingException;
import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.push.access.ClientLimits;
import dev.pbp.web.Limits;
import dev.pbp.web.ServerCertificate;
import dev.pbp.web.SiteBuilder;
import dev.pbp.web.SiteSettings;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What the settings say about who may use the site of {@code serve}, and how. */
final class SiteOptions {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]");

    private final Settings settings;

    SiteOptions(Settings settings) {
        this.settings = settings;
    }

    /**
     * Returns where and for whom the site is there.
     *
     * @param tables whose changes may be followed
     */
    SiteSettings site(Set<String> tables) {
        SiteSettings site =
                new SiteSettings(settings.bind(), settings.port(), hosts(), tables, Set.copyOf(settings.channels()));
        site = with(site, Setting.WRITABLE, SiteOptions::withWritable);
        site = with(site, Setting.TRUSTED_PROXIES, (all, given) -> all.withTrustedProxies(given.list()));
        site = with(site, Setting.ORIGINS, (all, given) -> all.withOrigins(given.list()));
        site = with(site, Setting.BASE_PATH, (all, given) -> all.withBasePath(given.value()));
        if (site.isExposed() && settings.given(Setting.TOKENS).isEmpty() && !isOpen()) {
            throw settings.required(Setting.BIND)
                    .bad("other machines can reach " + site.bind() + ", and without " + Setting.TOKENS.option()
                            + " every one of them may read and write; name a file of tokens, or allow it with "
                            + Setting.OPEN.option());
        }
        return site;
    }

    private static SiteSettings withWritable(SiteSettings site, SettingValue given) {
        for (String table : given.list()) {
            if (!site.offers(table)) {
                throw new IllegalArgumentException(
                        table + " cannot be written, since it is not among " + Setting.TABLES.option());
            }
        }
        return site.withWritable(given.list());
    }

    private SiteSettings with(
            SiteSettings site, Setting setting, BiFunction<SiteSettings, SettingValue, SiteSettings> add) {
        Optional<SettingValue> given = settings.given(setting);
        try {
            return given.isEmpty() ? site : add.apply(site, given.get());
        } catch (IllegalArgumentException e) {
            throw given.orElseThrow().bad(String.valueOf(e.getMessage()));
        }
    }

    private boolean isOpen() {
        return settings.required(Setting.OPEN).isOn();
    }

    /** Reads and checks what was asked for; what it gives puts that into a site. */
    Consumer<SiteBuilder> read() {
        Limits limits = limits();
        boolean open = isOpen();
        TokenAuthenticator authenticator =
                settings.given(Setting.TOKENS).map(SiteOptions::authenticator).orElse(null);
        SSLContext tls = tls();
        Writer log = settings.given(Setting.ACCESS_LOG).map(SiteOptions::open).orElse(null);
        Optional<SettingValue> pages = settings.given(Setting.PAGES);
        pages.filter(given -> !Files.isDirectory(given.path())).ifPresent(given -> {
            throw given.bad(given.value() + ": no such folder");
        });
        return site -> {
            site.limits(limits);
            pages.ifPresent(given -> site.pages(given.path()));
            if (open) {
                site.open();
            }
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
    private Set<String> hosts() {
        SettingValue given = settings.required(Setting.HOSTS);
        List<String> hosts = given.list();
        for (String host : hosts) {
            if (!HOST.matcher(host).matches()) {
                throw given.bad("\"" + host
                        + "\" is no host's name: expected such as example.org or [2001:db8::1], without a port");
            }
        }
        return Set.copyOf(hosts);
    }

    /** Empty for every tracked table. */
    Set<String> tables() {
        return Set.copyOf(settings.required(Setting.TABLES).list());
    }

    boolean isTls() {
        return settings.given(Setting.TLS_CERT).isPresent()
                || settings.given(Setting.TLS_KEYSTORE).isPresent();
    }

    private Limits limits() {
        ClientLimits standard = Limits.STANDARD.clients();
        int all = settings.given(Setting.MAX_CLIENTS).map(SettingValue::count).orElse(standard.all());
        int perAddress = settings.given(Setting.MAX_CLIENTS_PER_ADDRESS)
                .map(SettingValue::count)
                .orElse(all);
        return new Limits(Limits.STANDARD.requests(), new ClientLimits(all, perAddress, standard.terms()));
    }

    private static TokenAuthenticator authenticator(SettingValue file) {
        try {
            return TokenAuthenticator.read(file.path());
        } catch (IOException e) {
            throw file.bad("cannot read " + file.value() + ": " + reason(e));
        } catch (IllegalArgumentException e) {
            throw file.bad(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable SSLContext tls() {
        Optional<SettingValue> certificate = settings.given(Setting.TLS_CERT);
        Optional<SettingValue> key = settings.given(Setting.TLS_KEY);
        Optional<SettingValue> keystore = settings.given(Setting.TLS_KEYSTORE);
        if (certificate.isPresent() != key.isPresent() || certificate.isPresent() && keystore.isPresent()) {
            throw new InvalidSettingException("TLS", "give --tls-cert and --tls-key, or --tls-keystore alone");
        }
        if (certificate.isPresent()) {
            Path chain = certificate.get().path();
            Path secret = key.orElseThrow().path();
            return tls(certificate.get(), () -> ServerCertificate.fromPem(chain, secret));
        }
        if (keystore.isEmpty()) {
            return null;
        }
        Path file = keystore.get().path();
        String password =
                settings.secret(Setting.TLS_PASSWORD).map(SettingValue::value).orElse("");
        return tls(keystore.get(), () -> ServerCertificate.fromPkcs12(file, password.toCharArray()));
    }

    private interface ContextReader {
        SSLContext read() throws IOException, GeneralSecurityException;
    }

    private static SSLContext tls(SettingValue given, ContextReader reader) {
        try {
            return reader.read();
        } catch (IOException e) {
            throw given.bad("TLS: cannot read " + given.value() + " or its key: " + reason(e));
        } catch (GeneralSecurityException e) {
            throw given.bad("TLS: " + e.getMessage());
        }
    }

    private static Writer open(SettingValue given) {
        String name = given.value();
        try {
            OutputStream out = name.equals("-")
                    ? new FilterOutputStream(System.out) {
                        @Override
                        public void close() throws IOException {
                            flush(); // standard output is not ours to close
                        }
                    }
                    : Files.newOutputStream(given.path(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new OutputStreamWriter(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw given.bad("cannot open " + name + ": " + reason(e));
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }
}
