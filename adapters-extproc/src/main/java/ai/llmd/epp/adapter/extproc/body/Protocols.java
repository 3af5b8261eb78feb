package ai.llmd.epp.adapter.extproc.body;

import java.util.List;

/** Application protocols, as a pool's {@code appProtocol} names them. */
final class Protocols {

  static final List<String> H2C = List.of("kubernetes.io/h2c");
  static final List<String> H2C_AND_HTTP = List.of("kubernetes.io/h2c", "http");

  private Protocols() {}
}
