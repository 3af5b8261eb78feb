package ai.llmd.epp.adapter.extproc.transport;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.grpc.Attributes;
import io.grpc.ServerStreamTracer;
import io.netty.channel.Channel;

/** What a connection knows of its server. Any thread. */
interface Host {

  TransportRules rules();

  Methods methods();

  /** Makes the tracer of every stream. */
  ServerStreamTracer.Factory tracer();

  /** Room in network memory for what is not complete, or not wanted yet, of all connections. */
  BufferedBytes room();

  /** Has room made, soon. */
  void makeRoom();

  /** A connection begins; returns what its calls know of it. */
  Attributes began(Connection connection, Channel channel);

  /** It is over. */
  void ended(Connection connection, Attributes known);

  /** It broke: peers cause it at will. */
  void failed(Throwable cause);
}
