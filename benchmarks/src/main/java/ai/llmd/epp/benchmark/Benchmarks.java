package ai.llmd.epp.benchmark;

import ai.llmd.epp.benchmark.body.BodyWaits;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The processes that {@code benchmarks/run} starts beside the program under test. */
@Command(
    name = "benchmarks",
    subcommands = {
      ExtProcLoad.class,
      BodyWaits.class,
      PageServers.class,
      MachineSpeed.class,
      FlowMemory.class,
      KvCosts.class
    })
final class Benchmarks {

  private Benchmarks() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Benchmarks()).execute(arguments));
  }
}
