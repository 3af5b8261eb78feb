package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;

/**
 * What one connection of a gateway may hold, so that another one is served whatever it does.
 *
 * @param bodies heap, for bodies and for answers that wait
 * @param incoming network memory, for messages that are not complete
 * @param resets of its streams
 */
record ConnectionRoom(BufferedBytes bodies, BufferedBytes incoming, ResetCount resets) {

  private static final Attributes.Key<ConnectionRoom> KEY = Attributes.Key.create("room");

  /** The room of the connection that a call came by. */
  static ConnectionRoom of(Attributes transport, ConnectionRoom all) {
    ConnectionRoom own = transport.get(KEY);
    return own == null ? all : own;
  }

  /** Gives every new connection its share. */
  static ServerTransportFilter sharing(ConnectionRoom all) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes transport) {
        ConnectionRoom share =
            new ConnectionRoom(
                all.bodies.forConnection(), all.incoming.forConnection(), new ResetCount());
        return transport.toBuilder().set(KEY, share).build();
      }
    };
  }
}
