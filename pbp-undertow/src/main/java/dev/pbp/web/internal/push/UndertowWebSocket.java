package dev.pbp.web.internal.push;

import dev.pbp.push.connection.WebSocketConnection;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.StreamSourceFrameChannel;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

/** A WebSocket over Undertow's channel: here its frames are written and read. */
final class UndertowWebSocket extends WebSocketConnection {
    private static final Logger LOG = System.getLogger(UndertowWebSocket.class.getName());

    private final WebSocketChannel channel;

    UndertowWebSocket(WebSocketChannel channel) {
        this.channel = channel;
    }

    /** Begins to read. */
    void open() {
        channel.getReceiveSetter().set(new Receiver());
        channel.resumeReceives();
    }

    @Override
    protected void execute(Runnable action) {
        channel.getIoThread().execute(action);
    }

    @Override
    protected void writeText(ByteBuffer text, Runnable written) {
        WebSockets.sendText(text, channel, new Sent(written));
    }

    @Override
    protected void writePing(@Nullable Runnable written) {
        WebSockets.sendPing(ByteBuffer.allocate(0), channel, written == null ? null : new Sent(written));
    }

    @Override
    protected void writeClose(int code, String reason) {
        WebSockets.sendClose(code, reason, channel, null);
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return channel.getSourceAddress();
    }

    @Override
    public void abort() {
        execute(() -> IoUtils.safeClose(channel));
    }

    @Override
    public void onClose(Runnable action) {
        channel.addCloseTask(closed -> action.run());
    }

    private final class Receiver extends AbstractReceiveListener {
        @Override
        public void handleEvent(WebSocketChannel readable) {
            received();
            super.handleEvent(readable);
        }

        @Override
        protected long getMaxTextBufferSize() {
            return MAX_TEXT_BYTES;
        }

        @Override
        protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
            receivedText();
        }

        @Override
        protected void onBinary(WebSocketChannel from, StreamSourceFrameChannel message) throws IOException {
            receivedBinary();
            message.close();
        }

        @Override
        protected void onCloseMessage(CloseMessage message, WebSocketChannel from) {
            if (from.isCloseFrameSent()) {
                IoUtils.safeClose(from);
            }
            receivedClose();
        }
    }

    private static final class Sent implements WebSocketCallback<Void> {
        private final Runnable written;

        Sent(Runnable written) {
            this.written = written;
        }

        @Override
        public void complete(WebSocketChannel channel, @Nullable Void context) {
            written.run();
        }

        @Override
        public void onError(WebSocketChannel channel, @Nullable Void context, Throwable failure) {
            LOG.log(Level.DEBUG, "client gone: {0}", failure.getMessage());
            IoUtils.safeClose(channel);
        }
    }
}
