package dev.pbp.web;

import dev.pbp.core.feed.MustRefetchException;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

/**
 * A WebSocket: one message a text frame. The client has nothing to say here; a few short messages are overlooked, so that
 * it may send some of its own to see whether the connection works.
 */
final class WebSocketConnection extends AbstractReceiveListener implements ClientConnection {
    private static final Logger LOG = System.getLogger(WebSocketConnection.class.getName());
    private static final int LONGEST_TEXT = 1024;
    private static final int MOST_FRAMES_A_PROBE = 100;

    private final WebSocketChannel channel;
    private int frames; // since the last probe; of the I/O thread
    private volatile @Nullable ByteBuffer sending;
    private volatile boolean asked;
    private volatile boolean ended;

    WebSocketConnection(WebSocketChannel channel) {
        this.channel = channel;
    }

    /** Begins to read. */
    void open() {
        channel.getReceiveSetter().set(this);
        channel.resumeReceives();
    }

    @Override
    public boolean stays() {
        return true;
    }

    @Override
    public void send(PushMessage message, Runnable then) {
        onIoThread(() -> {
            ByteBuffer json = message.json();
            sending = json;
            WebSockets.sendText(json, channel, new Sent(() -> {
                sending = null;
                then.run();
            }));
        });
    }

    @Override
    public int left() {
        ByteBuffer present = sending;
        return present == null ? 0 : present.remaining();
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        onIoThread(() -> WebSockets.sendPing(ByteBuffer.allocate(0), channel, new Sent(then)));
    }

    @Override
    public void fail(Throwable failure) {
        if (failure instanceof MustRefetchException) {
            ByteBuffer told = ByteBuffer.wrap("{\"mustRefetch\":true}".getBytes(StandardCharsets.UTF_8));
            onIoThread(() -> WebSockets.sendText(
                    told, channel, new Sent(() -> end(CloseMessage.NORMAL_CLOSURE, "must refetch"))));
        } else {
            LOG.log(Level.ERROR, "WebSocket ended", failure);
            onIoThread(() -> end(CloseMessage.UNEXPECTED_ERROR, "the server's log says why"));
        }
    }

    /** The reason tells the milliseconds to wait. */
    @Override
    public void leave(Duration after) {
        onIoThread(() -> end(CloseMessage.GOING_AWAY, "retry=" + after.toMillis()));
    }

    private void onIoThread(Runnable action) {
        channel.getIoThread().execute(action);
    }

    /** The other side's close frame ends the connection, or its silence does. */
    private void end(int code, String reason) {
        if (!ended) {
            ended = true;
            WebSockets.sendClose(code, reason, channel, null);
        }
    }

    @Override
    public boolean probe() {
        if (asked || ended) {
            return false;
        }
        asked = true;
        onIoThread(() -> {
            frames = 0;
            WebSockets.sendPing(ByteBuffer.allocate(0), channel, null);
        });
        return true;
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return channel.getSourceAddress();
    }

    @Override
    public void drop() {
        onIoThread(() -> IoUtils.safeClose(channel));
    }

    @Override
    public void whenGone(Runnable action) {
        channel.addCloseTask(closed -> action.run());
    }

    @Override
    public void handleEvent(WebSocketChannel readable) {
        asked = false; // whatever came: the client is there
        super.handleEvent(readable);
    }

    @Override
    protected long getMaxTextBufferSize() {
        return LONGEST_TEXT;
    }

    @Override
    protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
        if (++frames > MOST_FRAMES_A_PROBE) {
            end(CloseMessage.MSG_VIOLATES_POLICY, "too many messages");
        }
    }

    @Override
    protected void onBinary(WebSocketChannel from, StreamSourceFrameChannel message) throws IOException {
        end(CloseMessage.WRONG_CODE, "no binary messages here");
        message.close();
    }

    @Override
    protected void onCloseMessage(CloseMessage message, WebSocketChannel from) {
        if (from.isCloseFrameSent()) {
            IoUtils.safeClose(from);
        }
        ended = true;
    }

    private static final class Sent implements WebSocketCallback<Void> {
        private final Runnable then;

        Sent(Runnable then) {
            this.then = then;
        }

        @Override
        public void complete(WebSocketChannel channel, @Nullable Void context) {
            then.run();
        }

        @Override
        public void onError(WebSocketChannel channel, @Nullable Void context, Throwable failure) {
            LOG.log(Level.DEBUG, "client gone: {0}", failure.getMessage());
            IoUtils.safeClose(channel);
        }
    }
}
