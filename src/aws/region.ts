import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { LaunchError } from '../errors.ts';

/** The region the AWS SDK settles on, which by now can only be that of a profile. Rejects with LaunchError `region`. */
export async function findRegion(profile: string | null): Promise<string> {
  const client = new KinesisVideoClient(profile === null ? {} : { profile });
  try {
    return await client.config.region();
  } catch (cause) {
    throw new LaunchError('region', 'no AWS region is known', {
      hint: 'set AWS_REGION, or give --region, for example --region us-west-2',
      cause,
    });
  } finally {
    client.destroy();
  }
}
