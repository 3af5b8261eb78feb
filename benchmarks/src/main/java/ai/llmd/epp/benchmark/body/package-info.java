/** Bodies of every shape that a client may send, and how long others wait meanwhile. */
@NullMarked
package ai.llmd.epp.benchmark.body;

import org.jspecify.annotations.NullMarked;
