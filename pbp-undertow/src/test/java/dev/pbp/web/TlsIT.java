package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@PostgresTest
class TlsIT {
    private static final String PASSWORD = "only-in-this-test";
    private static Path pkcs12;
    private static Path certificate;
    private static Path key;
    private static KeyStore store;

    @BeforeAll
    static void makeCertificate(@TempDir Path folder) throws Exception {
        pkcs12 = folder.resolve("server.p12");
        keytool(pkcs12, "EC");
        store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(pkcs12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        certificate = pem(
                folder.resolve("cert.pem"),
                "CERTIFICATE",
                store.getCertificate("server").getEncoded());
        key = pem(
                folder.resolve("key.pem"),
                "PRIVATE KEY",
                store.getKey("server", PASSWORD.toCharArray()).getEncoded());
    }

    private static void keytool(Path file, String algorithm) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", "server", "-keyalg", algorithm, "-dname", "CN=localhost"));
        command.addAll(List.of("-ext", "san=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", file.toString(), "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        assertThat(keytool.waitFor()).isZero();
    }

    private static Path pem(Path file, String what, byte[] bytes) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    @Test
    void theSiteAnswersOverTlsFromEitherKindOfFile(TestDatabase database) throws Exception {
        for (SSLContext tls : List.of(
                ServerCertificate.fromPem(certificate, key),
                ServerCertificate.fromPkcs12(pkcs12, PASSWORD.toCharArray()))) {
            try (RunningSite site = RunningSite.on(database, parts -> parts.tls(tls))) {
                HttpResponse<String> page = client().send(
                                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + site.port() + "/api/testtype"))
                                        .build(),
                                BodyHandlers.ofString());
                assertThat(page.statusCode()).isEqualTo(200);
                assertThat(Http.header(page, "Strict-Transport-Security")).startsWith("max-age=");
                assertThat(Http.raw(site.port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                        .doesNotContain("200 OK");
            }
        }
    }

    /** Client and server in one Java would both refuse what is old, so openssl is the client. */
    @Test
    @Evidence(
            guarantee = "secrets",
            claim =
                    "The site speaks TLS 1.3, or 1.2 with forward secrecy and authenticated encryption, and nothing older or weaker",
            brokenOnce = "HttpServer.listen: `SSL_ENABLED_CIPHER_SUITES` left out")
    void oldVersionsAndSuitesWithoutForwardSecrecyAreRefused(TestDatabase database, @TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("rsa.p12"); // with a key of this kind a client could encrypt its secret to it
        keytool(file, "RSA");
        SSLContext tls = ServerCertificate.fromPkcs12(file, PASSWORD.toCharArray());
        try (RunningSite site = RunningSite.on(database, parts -> parts.tls(tls))) {
            for (List<String> good : List.of(
                    List.of("-tls1_3"),
                    List.of("-tls1_2"),
                    List.of("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"),
                    List.of("-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"))) {
                assertThat(handshake(site.port(), good)).as("%s", good).contains("Cipher is ");
                assertThat(handshake(site.port(), good)).as("%s", good).doesNotContain("Cipher is (NONE)");
            }
            for (List<String> bad : List.of(
                    List.of("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
                    List.of("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
                    List.of("-tls1_2", "-cipher", "AES256-GCM-SHA384"),
                    List.of("-tls1_2", "-cipher", "AES128-SHA"),
                    List.of("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"),
                    List.of("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"))) {
                assertThat(handshake(site.port(), bad)).as("%s", bad).contains("Cipher is (NONE)");
            }
        }
    }

    private static String handshake(int port, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(options);
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        client.getOutputStream().close();
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        client.waitFor();
        return output;
    }

    @Test
    void withoutTlsNothingIsSaidAboutIt(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database)) {
            assertThat(Http.header(Http.get(site.uri("/")), "Strict-Transport-Security"))
                    .isEmpty();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    @Evidence(guarantee = "slow-clients", brokenOnce = "Site.start: `KeepAlive.set` left out")
    void clientsAreAskedForByTheKernelOverTlsToo(TestDatabase database) throws Exception {
        SSLContext tls = ServerCertificate.fromPem(certificate, key);
        try (RunningSite site = RunningSite.on(database, parts -> parts.tls(tls));
                SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", site.port())) {
            socket.startHandshake();
            assertThat(KernelTimer.keepAliveMillis(socket)).isBetween(0L, 10_000L);
        }
    }

    private static HttpClient client() throws Exception {
        return HttpClient.newBuilder().sslContext(trusting()).build();
    }

    private static SSLContext trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void aFileThatHoldsSomethingElseIsNamed() {
        assertThatThrownBy(() -> ServerCertificate.fromPem(certificate, certificate))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("cert.pem")
                .hasMessageContaining("openssl pkcs8");
        assertThatThrownBy(() -> ServerCertificate.fromPkcs12(pkcs12, "wrong".toCharArray()))
                .hasMessageContaining("password");
    }
}
