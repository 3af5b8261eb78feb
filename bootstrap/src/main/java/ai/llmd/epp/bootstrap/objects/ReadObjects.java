package ai.llmd.epp.bootstrap.objects;

import java.util.List;

/**
 * What a file holds.
 *
 * @param objects those of the pool, in the order of the file
 * @param remarks a sentence for each object that is left out or outdated
 */
public record ReadObjects<T>(List<T> objects, List<String> remarks) {

  public ReadObjects {
    objects = List.copyOf(objects);
    remarks = List.copyOf(remarks);
  }
}
