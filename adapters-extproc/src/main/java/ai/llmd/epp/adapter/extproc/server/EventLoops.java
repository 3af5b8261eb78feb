package ai.llmd.epp.adapter.extproc.server;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The threads of one server: epoll where the native library is there, otherwise NIO. */
public record EventLoops(EventLoopGroup group, Class<? extends ServerChannel> channelType) {

  /**
   * Starts event loops, on epoll where there is one.
   *
   * @param name of the threads, a number follows
   * @param threads 0 for one per processor
   */
  public static EventLoops named(String name, int threads) {
    boolean hasEpoll = Epoll.isAvailable();
    IoHandlerFactory handlers = hasEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new EventLoops(
        new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name, true), handlers),
        hasEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
  }

  /**
   * Runs what it is given on the calling event loop, behind what that has read by now. On any other
   * thread at once.
   */
  Executor behindThis() {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    return Runnable::run;
  }

  /** One group accepts and serves: connections are few and live long. */
  public NettyServerBuilder serve(NettyServerBuilder server) {
    return server
        .channelType(channelType)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .directExecutor();
  }

  /**
   * Builds and starts a server.
   *
   * @param name of the port, for the message
   * @throws IOException when the port cannot be bound, naming it
   */
  public static Server bind(NettyServerBuilder server, String name, int port) throws IOException {
    return bind(server.build(), name, port);
  }

  /** Starts a server, likewise. */
  static Server bind(Server server, String name, int port) throws IOException {
    try {
      return server.start();
    } catch (IOException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new IOException(name + " " + port + " cannot be bound: " + reason.getMessage(), e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the threads end by themselves
  public void stop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
