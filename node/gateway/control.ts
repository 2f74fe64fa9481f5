/** What the studio can make a node do; the composition root gives it, from the rooms whose jobs these are. */
import type {
  ChannelCreate,
  ChannelEdit,
  FollowRequest,
  FollowView,
  ItemEdit,
  JobView,
  PeerView,
  PublishRequest,
  StatusView,
} from '../../protocol/api.ts';

/** Everything throws HeliographErrors fit to be shown; `not-found` for what this node does not have. */
export interface Control {
  /** Ids of the channels whose keys this node has. */
  ownChannels(): string[];
  /** The new channel's id, once its record is kept. */
  createChannel(request: ChannelCreate): Promise<string>;
  editChannel(id: string, changes: ChannelEdit): Promise<void>;
  deleteChannel(id: string): Promise<void>;
  /** The secret key, base64. */
  exportKey(id: string): Promise<string>;
  /** The id of the channel that this key is. */
  importKey(key: string): Promise<string>;

  publish(channel: string, request: PublishRequest): Promise<JobView>;
  editItem(id: string, changes: ItemEdit): Promise<void>;
  deleteItem(id: string): Promise<void>;

  jobs(): JobView[];
  job(id: string): JobView | undefined;
  cancelJob(id: string): Promise<JobView>;
  retryJob(id: string): Promise<JobView>;
  /** Tells of every change of a job; returns how to stop listening. */
  onJob(listener: (job: JobView) => void): () => void;

  follows(): FollowView[];
  follow(request: FollowRequest): Promise<FollowView>;
  unfollow(channel: string): Promise<void>;
  onFollow(listener: (follow: FollowView) => void): () => void;

  peers(): PeerView[];
  status(): Promise<StatusView>;
}
