package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;

/**
 * Gateways, or clients, that attack until they are killed. A program of its own: port, {@link
 * Attack}, {@link Target}, how many, and whether they take answers.
 */
final class Attackers {

  private Attackers() {}

  public static void main(String[] args) {
    int port = Integer.parseInt(args[0]);
    Attack attack = Attack.valueOf(args[1]);
    Target target = Target.valueOf(args[2]);
    boolean takesAnswers = Boolean.parseBoolean(args[4]);
    for (int i = Integer.parseInt(args[3]); i > 0; i--) {
      Thread.ofPlatform().start(() -> attackOn(port, attack, target, takesAnswers));
    }
  }

  /** A connection that the other side ends is made again. */
  private static void attackOn(int port, Attack attack, Target target, boolean takesAnswers) {
    while (true) {
      try (RawGateway gateway = RawGateway.connect(port, takesAnswers)) {
        attack.by(gateway, target);
      }
    }
  }
}
