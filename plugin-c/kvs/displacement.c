#include "displacement.h"

/* A connection that lasted longer was nobody's fight. */
#define FIGHT_US (30 * G_USEC_PER_SEC)
#define VOTES_TO_GIVE_UP 4

/* Two clean closes are enough, unless the code has another meaning of its own:
 * then it takes four. A broken connection says nothing at all. */
static guint
votes (guint close_code)
{
  switch (close_code) {
    case 0:
      return 0;
    case 1001: /* going away */
    case 1009: /* message too big */
    case 1011: /* internal error */
    case 1012: /* service restart */
    case 1013: /* try again later */
      return 1;
    default:
      return 2;
  }
}

gboolean
kvs_displacement_closed (KvsDisplacement *self, guint close_code,
    gint64 lived_us)
{
  if (lived_us > FIGHT_US)
    self->votes = 0;
  self->votes += votes (close_code);

  return self->votes >= VOTES_TO_GIVE_UP;
}
