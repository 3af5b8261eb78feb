package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.edge.InFlight;
import ai.llmd.epp.sidecar.edge.Listener;
import ai.llmd.epp.sidecar.edge.RequestHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.http.HttpResponse;

/** Lets a test handle a real client's request by itself. */
@SuppressWarnings("FutureReturnValueIgnored") // no test waits for the end of threads
final class HandledRequests {

  private HandledRequests() {}

  /** Sends one, and returns what the handler answered. */
  static HttpResponse<String> by(RequestHandler handler) throws IOException, InterruptedException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (Listener listener =
        Listener.open(0, loops, NioServerSocketChannel.class, null, handler, new InFlight())) {
      return Chats.chat(listener.port());
    } finally {
      loops.shutdownGracefully();
    }
  }
}
