package ai.llmd.epp.training;

import ai.llmd.epp.adapter.extproc.rehearsal.Gateway;
import ai.llmd.epp.adapter.extproc.rehearsal.GatewayStream;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** One connection for many streams at once, as a gateway keeps it. Any thread. */
final class ChannelGateway implements Gateway, AutoCloseable {

  private final ManagedChannel channel;

  private ChannelGateway(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Connects when it is used.
   *
   * @param port of a picker without TLS, on the loopback interface
   */
  static ChannelGateway to(int port) {
    return new ChannelGateway(
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext()
            .build());
  }

  @Override
  public GatewayStream open() {
    return ChannelStream.open(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
