/**
 * Files of objectives and rewrites: what they may say, and changes of them under a running program.
 */
@NullMarked
package ai.llmd.epp.bootstrap.objects;

import org.jspecify.annotations.NullMarked;
