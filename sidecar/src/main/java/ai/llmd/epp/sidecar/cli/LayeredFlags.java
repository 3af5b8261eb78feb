package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.GivenFlags;
import java.util.List;

/** What the command line says, and behind it what a document says. */
final class LayeredFlags {

  private final List<GivenFlags> layers; // the first that has a flag counts

  LayeredFlags(GivenFlags commandLine, GivenFlags document) {
    this.layers = List.of(commandLine, document);
  }

  boolean has(Flag<?> flag) {
    return layers.stream().anyMatch(layer -> layer.has(flag));
  }

  <T> T get(Flag<T> flag) {
    for (GivenFlags layer : layers) {
      if (layer.has(flag)) {
        return layer.get(flag);
      }
    }
    return flag.initial();
  }

  <E> List<E> getAll(Flag<List<E>> flag) {
    for (GivenFlags layer : layers) {
      if (layer.has(flag)) {
        return layer.getAll(flag);
      }
    }
    return flag.initial();
  }

  /** The one that is given, of a flag with an older name; within a layer the newer name counts. */
  <T> T getEither(Flag<T> flag, Flag<T> older) {
    for (GivenFlags layer : layers) {
      if (layer.has(flag) || layer.has(older)) {
        return layer.get(layer.has(flag) ? flag : older);
      }
    }
    return flag.initial();
  }
}
