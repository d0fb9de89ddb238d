package dev.pbp.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server's key and certificate from files, for {@link SiteBuilder#tls}. */
public final class ServerCertificate {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private ServerCertificate() {}

    /**
     * Reads a pair of PEM files.
     *
     * @param certificates the server's certificate, and after it those that lead to the authority
     * @param key the private key as PKCS#8 without a password ({@code BEGIN PRIVATE KEY})
     * @return a context for a server
     * @throws IOException if a file cannot be read
     * @throws GeneralSecurityException if a file holds something else
     */
    public static SSLContext fromPem(Path certificates, Path key) throws IOException, GeneralSecurityException {
        List<? extends Certificate> chain;
        try (InputStream in = Files.newInputStream(certificates)) {
            chain = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
        }
        if (chain.isEmpty()) {
            throw new GeneralSecurityException(certificates + ": no certificate in it (BEGIN CERTIFICATE)");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", privateKey(key), new char[0], chain.toArray(Certificate[]::new));
        return context(store, new char[0]);
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new GeneralSecurityException(
                    file + ": no key in it that is PKCS#8 without a password (BEGIN PRIVATE KEY);"
                            + " openssl pkcs8 -topk8 -nocrypt makes one");
        }
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        GeneralSecurityException last = new GeneralSecurityException(file + ": unknown kind of key");
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (GeneralSecurityException other) {
                last.addSuppressed(other); // it is of another kind
            }
        }
        throw last;
    }

    /**
     * Reads a PKCS#12 file.
     *
     * @param file holds one key with its certificates
     * @param password of the file
     * @return a context for a server
     * @throws IOException if the file cannot be read, or the password is wrong
     * @throws GeneralSecurityException if the file holds something else
     */
    public static SSLContext fromPkcs12(Path file, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(file)), password);
        if (store.size() == 0) {
            throw new GeneralSecurityException(file + ": no key in it");
        }
        return context(store, password);
    }

    private static SSLContext context(KeyStore store, char[] password) throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
