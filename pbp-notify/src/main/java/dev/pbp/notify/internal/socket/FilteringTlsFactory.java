package dev.pbp.notify.internal.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Properties;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.PGProperty;
import org.postgresql.core.SocketFactoryFactory;
import org.postgresql.ssl.LibPQFactory;
import org.postgresql.util.PSQLException;

/** The driver's {@code sslfactory}: the factory that was set, or the driver's own, with a filter on top of its sockets. */
public final class FilteringTlsFactory extends SSLSocketFactory {
    private final SocketHandle handle;
    private final SSLSocketFactory delegate;

    /**
     * Called by the driver.
     *
     * @param properties the connection's
     * @throws PSQLException the factory underneath cannot be made
     */
    public FilteringTlsFactory(Properties properties) throws PSQLException {
        handle = SocketHandle.of(PGProperty.SOCKET_FACTORY_ARG.getOrDefault(properties));
        delegate = SocketFactoryFactory.getSslSocketFactory(handle.tlsProperties(properties));
    }

    @Override
    public Socket createSocket(Socket below, String host, int port, boolean autoClose) throws IOException {
        SSLSocket socket = (SSLSocket) delegate.createSocket(below, host, port, autoClose);
        return new FilteringTlsSocket(socket, delegate instanceof LibPQFactory keys ? keys : null, handle);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return delegate.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return delegate.getSupportedCipherSuites();
    }

    // The driver only ever puts TLS over a socket that is connected already.

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new IOException("TLS without a socket underneath is not supported");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket(host.getHostName(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host.getHostName(), port);
    }
}
