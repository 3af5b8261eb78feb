package ai.llmd.epp.adapter.extproc.body;

import java.util.List;

/** Application protocols, as a pool's {@code appProtocol} names them. */
public final class Protocols {

  public static final List<String> H2C = List.of("kubernetes.io/h2c");
  public static final List<String> H2C_AND_HTTP = List.of("kubernetes.io/h2c", "http");

  private Protocols() {}
}
